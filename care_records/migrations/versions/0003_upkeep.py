"""What is done over and over: who did it last, when, and how it went."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "upkeep",
        sa.Column("part", sa.String(30), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("error", sa.String(100)),
        sa.PrimaryKeyConstraint("part", name="pk_upkeep"),
    )


def downgrade() -> None:
    op.drop_table("upkeep")
