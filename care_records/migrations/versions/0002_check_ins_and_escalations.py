"""Wellbeing calls, escalations, duty shifts; alerts about more than recordings; the name of who has a case.

Constraints get their names from the convention of care_records.models.base.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "rounds",
    "check_ins",
    "check_in_answers",
    "check_in_pauses",
    "escalations",
    "escalation_steps",
    "shifts",
    "outbound_calls",
    "call_gate",
)
URGENCIES = ("red", "orange", "yellow", "normal")
ALERT_STATES = ("waiting", "sent", "failed")
ALERT_STATE_CHECK = sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="ck_alerts_alertstate")
"""Where SQLite rebuilds a table, alembic forgets the checks of the old one."""


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.add_column("people", sa.Column("frail", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("help_requests", sa.Column("taken_by", sa.String(length=100), nullable=True))
    op.execute(
        "UPDATE help_requests SET taken_by = (SELECT name FROM staff WHERE staff.id = help_requests.assignee_id)"
    )
    _alerts_with_a_reason()
    _create_rounds()
    _create_check_ins()
    _create_check_in_answers()
    _create_check_in_pauses()
    _create_escalations()
    _create_escalation_steps()
    _create_shifts()
    _create_outbound_calls()
    _create_call_gate()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    _alerts_about_recordings()
    op.drop_column("help_requests", "taken_by")
    op.drop_column("people", "frail")


def _alerts_with_a_reason() -> None:
    op.add_column("alerts", sa.Column("reason", sa.String(length=50), nullable=True))
    op.execute("UPDATE alerts SET reason = 'recording-' || recording_id")
    with op.batch_alter_table("alerts", table_args=(ALERT_STATE_CHECK,)) as alerts:
        alerts.drop_constraint("uq_alerts_recording_id", type_="unique")
        alerts.drop_constraint("fk_alerts_recording_id_recordings", type_="foreignkey")
        alerts.drop_column("recording_id")
        alerts.alter_column("reason", existing_type=sa.String(length=50), nullable=False)
        alerts.create_unique_constraint("uq_alerts_reason", ["reason", "to_number"])


def _alerts_about_recordings() -> None:
    """An alert that is not about a recording has no place in the older tables."""
    op.add_column("alerts", sa.Column("recording_id", sa.Integer(), nullable=True))
    op.execute("DELETE FROM alerts WHERE reason NOT LIKE 'recording-%'")
    op.execute("UPDATE alerts SET recording_id = CAST(SUBSTR(reason, 11) AS INTEGER)")
    op.execute("DELETE FROM alerts WHERE recording_id NOT IN (SELECT id FROM recordings)")
    with op.batch_alter_table("alerts", table_args=(ALERT_STATE_CHECK,)) as alerts:
        alerts.drop_constraint("uq_alerts_reason", type_="unique")
        alerts.drop_column("reason")
        alerts.alter_column("recording_id", existing_type=sa.Integer(), nullable=False)
        alerts.create_unique_constraint("uq_alerts_recording_id", ["recording_id", "to_number"])
        alerts.create_foreign_key(
            "fk_alerts_recording_id_recordings", "recordings", ["recording_id"], ["id"], ondelete="CASCADE"
        )


def _create_rounds() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("opening", sa.String(length=200), nullable=False),
        sa.Column("group", sa.JSON(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.Column("stopped_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["stopped_by_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_check_ins() -> None:
    states = ("planned", "calling", "waiting", "follow_up", "done", "withdrawn")
    outcomes = ("fine", "relative", "concern", "silent", "unclear", "refused", "unreached", "not_called")
    op.create_table(
        "check_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("occasion", sa.String(length=20), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", _one_of("checkinstate", *states), nullable=False),
        sa.Column("outcome", _one_of("checkinoutcome", *outcomes), nullable=True),
        sa.Column("flag", _one_of("urgency", *URGENCIES), nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.String(length=100), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('done', 'withdrawn') OR outcome = 'fine' OR taken_by IS NOT NULL", name="ends_with_somebody"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"]),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"]),
        sa.ForeignKeyConstraint(["taken_by_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "day", "occasion"),
    )
    op.create_index("ix_check_ins_day_state", "check_ins", ["day", "state"])
    for column in ("request_id", "round_id"):
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_check_ins_{column}", "check_ins", [column], postgresql_where=given, sqlite_where=given)
    op.create_index("ix_check_ins_state_next_at", "check_ins", ["state", "next_at"])


def _create_check_in_answers() -> None:
    op.create_table(
        "check_in_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_in_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=30), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=1), nullable=True),
        sa.Column("heard", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("flag", _one_of("urgency", *URGENCIES), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_ins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("check_in_id", "call_id", "question"),
    )
    op.create_index("ix_check_in_answers_call_id", "check_in_answers", ["call_id"])


def _create_check_in_pauses() -> None:
    op.create_table(
        "check_in_pauses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_check_in_pauses_person_id_last_day", "check_in_pauses", ["person_id", "last_day"])


def _create_escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("state", _one_of("escalationstate", "waiting", "ringing", "taken", "resolved"), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("alarm", sa.Integer(), nullable=False),
        sa.Column("lap", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rings", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.String(length=100), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["taken_by_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id"),
    )
    op.create_index("ix_escalations_state_next_at", "escalations", ["state", "next_at"])


def _create_escalation_steps() -> None:
    kinds = ("officer", "family", "keyholder", "neighbour", "volunteer", "community")
    op.create_table(
        "escalation_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("alarm", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("stepkind", *kinds), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("escalation_id", "alarm", "position"),
    )


def _create_shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_shifts_ends_at", "shifts", ["ends_at"])
    op.create_index("ix_shifts_staff_id", "shifts", ["staff_id"])


def _create_outbound_calls() -> None:
    op.create_table(
        "outbound_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_in_id", sa.Integer(), nullable=True),
        sa.Column("escalation_id", sa.Integer(), nullable=True),
        sa.Column("step_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("to_number", sa.String(length=20), nullable=False),
        sa.Column(
            "state",
            _one_of("outboundcallstate", "ready", "sending", "placed", "uncertain", "ended"),
            nullable=False,
        ),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("result", sa.String(length=30), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("put_off", sa.Integer(), nullable=False),
        sa.CheckConstraint("(check_in_id IS NULL) <> (escalation_id IS NULL)", name="has_one_purpose"),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_ins.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["step_id"], ["escalation_steps.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("check_in_id", "number"),
        sa.UniqueConstraint("escalation_id", "number"),
        sa.UniqueConstraint("sid"),
    )
    op.create_index("ix_outbound_calls_state_due_at", "outbound_calls", ["state", "due_at"])


def _create_call_gate() -> None:
    op.create_table(
        "call_gate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
