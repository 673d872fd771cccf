"""What callers said, to be searched; indexes for the staff's lists; forms that have been saved."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from care_records.services import words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
AT_ONCE = 200
"""Calls whose words are made at a time."""
INDEXES = (
    ("calls", ("person_id", "started_at", "id")),
    ("calls", ("purpose", "started_at", "id")),
    ("calls", ("outcome", "started_at", "id")),
    ("calls", ("purpose", "outcome", "started_at", "id")),
    ("help_requests", ("status", "due_at", "id")),
    ("help_requests", ("status", "created_at", "id")),
    ("help_requests", ("category", "created_at", "id")),
    ("help_requests", ("urgency", "created_at", "id")),
    ("help_requests", ("assignee_id", "created_at", "id")),
)


def upgrade() -> None:
    _create_call_words()
    _create_submissions()
    for table, columns in INDEXES:
        op.create_index(_name(table, columns), table, columns)
    op.drop_index("ix_calls_person_id", "calls")
    _fill_call_words()


def downgrade() -> None:
    op.create_index("ix_calls_person_id", "calls", ["person_id"])
    for table, columns in reversed(INDEXES):
        op.drop_index(_name(table, columns), table)
    op.drop_table("submissions")
    op.drop_table("call_words")


def _name(table: str, columns: tuple[str, ...]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def _create_call_words() -> None:
    pieces = postgresql.ARRAY(sa.String(2)).with_variant(sa.JSON(), "sqlite")
    op.create_table(
        "call_words",
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pieces", pieces),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_words_call_id_calls", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name="pk_call_words"),
    )
    op.create_index("ix_call_words_pieces", "call_words", ["pieces"], postgresql_using="gin")


def _create_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_submissions"),
    )
    op.create_index("ix_submissions_at", "submissions", ["at"])


def _fill_call_words() -> None:
    """What has been said so far can be searched too, in the form in which the present code looks for it."""
    turns = sa.text("SELECT call_id FROM call_turns WHERE heard IS NOT NULL")
    recordings = sa.text("SELECT call_id FROM recordings WHERE transcript IS NOT NULL OR corrected IS NOT NULL")
    connection = op.get_bind()
    spoken = sorted({row[0] for query in (turns, recordings) for row in connection.execute(query)})
    session = Session(connection, join_transaction_mode="rollback_only")
    for first in range(0, len(spoken), AT_ONCE):
        words.refresh(session, *spoken[first : first + AT_ONCE])
