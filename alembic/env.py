"""Runs migrations one at a time: under an advisory lock, with bounded waits for locks and statements."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from models import Base
from utils.config import load_settings_or_exit

# Any fixed number: whoever migrates takes this lock, so two deployments at once run one after the other.
MIGRATION_LOCK = 6_218_450_017
# A migration waits this long for a table, and no longer: a waiting ALTER stops every reader behind it.
LOCK_TIMEOUT = "3s"
STATEMENT_TIMEOUT = "15min"


def database_url() -> str:
    """The URL given by the caller in code, or the settings' one."""
    url = context.config.attributes.get("database_url") or load_settings_or_exit().database_url
    if url is None:
        raise SystemExit(
            "DATABASE_URL is not set. It names the database to migrate: postgresql://USER:PASSWORD@HOST:PORT/NAME. "
            "(`make migrate` also finds, or starts, the project's own.)"
        )
    return str(url)


def run() -> None:
    """Connects, waits for its turn, and runs what was asked for in one transaction."""
    engine = create_engine(database_url(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.commit()
        try:
            connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
            connection.commit()
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                compare_server_default=True,
                transaction_per_migration=True,
            )
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.commit()
    engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; `alembic upgrade head --sql` is not supported here.")
run()
