"""The first tables: people, content, calls and help requests.

Constraints get their names from the convention of care_records.models.base.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "communities",
    "staff",
    "volunteers",
    "people",
    "contacts",
    "volunteer_pairings",
    "bulletins",
    "activities",
    "calls",
    "call_turns",
    "recordings",
    "transfers",
    "bulletin_plays",
    "help_requests",
    "help_request_events",
    "alerts",
    "request_days",
)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    _create_communities()
    _create_staff()
    _create_volunteers()
    _create_people()
    _create_contacts()
    _create_volunteer_pairings()
    _create_bulletins()
    _create_activities()
    _create_calls()
    _create_call_turns()
    _create_recordings()
    _create_transfers()
    _create_bulletin_plays()
    _create_help_requests()
    _create_help_request_events()
    _create_alerts()
    _create_request_days()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_communities() -> None:
    op.create_table(
        "communities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("office_phone", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )


def _create_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("duty_rank", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_volunteers() -> None:
    op.create_table(
        "volunteers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address_as", sa.String(length=50), nullable=False),
        sa.Column("sex", _one_of("sex", "female", "male")),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("category", _one_of("category", "lixiu", "tuixiu")),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("phone2", sa.String(length=20), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("hearing", sa.String(length=100), nullable=False),
        sa.Column("dialect", sa.String(length=50), nullable=False),
        sa.Column("slow_speech", sa.Boolean(), nullable=False),
        sa.Column("nap_start", sa.Time(), nullable=True),
        sa.Column("nap_end", sa.Time(), nullable=True),
        sa.Column("liaison_officer_id", sa.Integer(), nullable=True),
        sa.Column("consent_recording", sa.Boolean(), nullable=True),
        sa.Column("consent_calls", sa.Boolean(), nullable=True),
        sa.Column("check_in_plan", _one_of("checkinplan", "daily", "3x", "weekly", "none"), nullable=True),
        sa.Column("check_in_slot", sa.Time(), nullable=True),
        sa.Column("lives_alone", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.CheckConstraint("birth_date >= '1900-01-01'", name="born_after_1900"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"]),
        sa.ForeignKeyConstraint(["liaison_officer_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_people_birth_date", "people", ["birth_date"])
    op.create_index("ix_people_community_id", "people", ["community_id"])
    op.create_index("ix_people_name_birth_date", "people", ["name", "birth_date"])
    op.create_index("ix_people_phone", "people", ["phone"])
    op.create_index("ix_people_phone2", "people", ["phone2"])


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("contactkind", "family", "keyholder", "neighbour"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("relation", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "rank"),
    )


def _create_volunteer_pairings() -> None:
    op.create_table(
        "volunteer_pairings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_volunteer_pairings_person_id_until", "volunteer_pairings", ["person_id", "until"])


def _create_bulletins() -> None:
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_bulletins_published_at", "bulletins", ["published_at"])


def _create_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_activities_community_id_starts_at", "activities", ["community_id", "starts_at"])


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("direction", _one_of("direction", "inbound", "outbound"), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("from_number", sa.String(length=64), nullable=True),
        sa.Column("to_number", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=50), nullable=True),
        sa.Column("risk", sa.String(length=10), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("turn_number", sa.Integer(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("turn", sa.JSON(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sid"),
    )
    op.create_index("ix_calls_outcome_updated_at", "calls", ["outcome", "updated_at"])
    op.create_index("ix_calls_person_id", "calls", ["person_id"])
    op.create_index("ix_calls_started_at_id", "calls", ["started_at", "id"])


def _create_call_turns() -> None:
    op.create_table(
        "call_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("asked", sa.String(length=50), nullable=True),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("heard", sa.Text(), nullable=True),
        sa.Column("key", sa.String(length=1), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("recording_sid", sa.String(length=64), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "number"),
    )


def _create_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("state", _one_of("recordingstate", "pending", "stored", "missing"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("path", sa.String(length=200), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("transcribed_at", MOMENT, nullable=True),
        sa.Column("transcript", sa.Text(), nullable=True),
        sa.Column("transcript_confidence", sa.Double(), nullable=True),
        sa.Column("transcription_attempts", sa.Integer(), nullable=False),
        sa.Column("corrected", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sid"),
    )
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_index("ix_recordings_state_due_at", "recordings", ["state", "due_at"])
    op.create_index("ix_recordings_state_transcribed_at", "recordings", ["state", "transcribed_at"])


def _create_transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("turn_number", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("to_number", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "turn_number"),
    )


def _create_bulletin_plays() -> None:
    op.create_table(
        "bulletin_plays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_bulletin_plays_bulletin_id", "bulletin_plays", ["bulletin_id"])
    op.create_index("ix_bulletin_plays_call_id", "bulletin_plays", ["call_id"])


def _create_help_requests() -> None:
    op.create_table(
        "help_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=30), nullable=False),
        sa.Column("urgency", _one_of("urgency", "red", "orange", "yellow", "normal"), nullable=False),
        sa.Column("reason", sa.String(length=50), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("recording_sid", sa.String(length=64), nullable=True),
        sa.Column("transcript", sa.Text(), nullable=True),
        sa.Column("transcript_confidence", sa.Double(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("status", _one_of("requeststatus", "open", "taken", "resolved", "closed"), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("follow_up_due", sa.Date(), nullable=True),
        sa.Column("followed_up_at", MOMENT, nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction_1_to_5"),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"]),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "ref"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_help_requests_call_id", "help_requests", ["call_id"])
    op.create_index("ix_help_requests_created_at", "help_requests", ["created_at"])
    op.create_index("ix_help_requests_person_id", "help_requests", ["person_id"])
    op.create_index("ix_help_requests_status_urgency_due_at", "help_requests", ["status", "urgency", "due_at"])


def _create_help_request_events() -> None:
    op.create_table(
        "help_request_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_help_request_events_request_id", "help_request_events", ["request_id"])


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("to_number", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", _one_of("alertstate", "waiting", "sent", "failed"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("message_sid", sa.String(length=64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("recording_id", "to_number"),
    )
    op.create_index("ix_alerts_request_id", "alerts", ["request_id"])
    op.create_index("ix_alerts_state_due_at", "alerts", ["state", "due_at"])


def _create_request_days() -> None:
    op.create_table(
        "request_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
