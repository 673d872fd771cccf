"""What was removed because it had been kept long enough; indexes for what is old, and for the monthly report."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEPT = sa.text("path IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("audio_before", MOMENT, nullable=False),
        sa.Column("recordings", sa.Integer(), nullable=False),
        sa.Column("requests_before", MOMENT, nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("accesses_before", MOMENT, nullable=False),
        sa.Column("accesses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_runs"),
    )
    op.create_index("ix_recordings_created_at", "recordings", ["created_at"], postgresql_where=KEPT, sqlite_where=KEPT)


def downgrade() -> None:
    op.drop_index("ix_recordings_created_at", "recordings")
    op.drop_table("retention_runs")
