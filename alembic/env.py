"""Migrations run through the application's own engine; the URL comes from the caller."""

from alembic import context
from deliberate.models import Base, engine

config = context.config


def run() -> None:
    connection = config.attributes.get("connection")
    if connection is not None:
        configure(connection)
        return
    made = engine(config.get_main_option("sqlalchemy.url") or "sqlite:///var/deliberate.sqlite")
    with made.connect() as opened:
        configure(opened)
        opened.commit()
    made.dispose()


def configure(connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=False, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


run()
