"""People are found by pinyin, initials and numbers; illnesses; who changed what on a card; who has been erased."""

import sqlalchemy as sa
from alembic import op

from care_records.pinyin import search_text, spelling

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ADDED = ("illnesses", "pinyin", "search", "erased_at")
ORDER = "ix_people_pinyin_id_community_id_search"
ROWS_AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("people", sa.Column("illnesses", sa.Text, nullable=False, server_default=""))
    op.add_column("people", sa.Column("pinyin", sa.String(200), nullable=False, server_default=""))
    op.add_column("people", sa.Column("search", sa.String(1200), nullable=False, server_default=""))
    op.add_column("people", sa.Column("erased_at", MOMENT))
    _spell()
    op.create_index(ORDER, "people", ["pinyin", "id", "community_id", "search"])
    op.create_table(
        "person_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("staff_id", sa.Integer),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person_events"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_person_events_person_id_people", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_person_events_staff_id_staff"),
    )
    op.create_index("ix_person_events_person_id_at_id", "person_events", ["person_id", "at", "id"])


def downgrade() -> None:
    op.drop_table("person_events")
    op.drop_index(ORDER, "people")
    for column in ADDED:
        op.drop_column("people", column)


def _spell() -> None:
    people = sa.table("people", *map(sa.column, ("id", "name", "phone", "phone2", "pinyin", "search")))
    connection = op.get_bind()
    known = connection.execute(sa.select(people.c.id, people.c.name, people.c.phone, people.c.phone2)).all()
    filled = sa.update(people).where(people.c.id == sa.bindparam("of"))
    for start in range(0, len(known), ROWS_AT_ONCE):
        rows = [
            {"of": id_, "pinyin": spelling(name), "search": search_text(name, phone, phone2)}
            for id_, name, phone, phone2 in known[start : start + ROWS_AT_ONCE]
        ]
        connection.execute(filled, rows)
