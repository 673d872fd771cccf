"""Runs the migrations on the connection that care_records.database hands over; nothing is read from a file."""

from alembic import context

from care_records.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
