"""Alembic revisions; `care_records.database` runs them."""
