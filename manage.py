"""The command line of the shop: `python manage.py COMMAND --help`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from alembic import command

import init_db
from demo import DemoRefused
from demo import load as load_demo
from demo.welcome import accounts_text
from graphql_api.schema import as_text
from launch import LaunchError, connected, serve
from models.user import Role
from services.accounts.reading import get_department_by_slug
from services.accounts.registering import checked_password, register
from services.catalogue.reading import has_products
from services.catalogue.stock import list_discrepancies
from utils.config import SettingsError, load_settings
from utils.errors import DomainError
from wiring import Shop, build
from workers import relay

SCHEMA_FILE = Path(__file__).resolve().parent / "graphql_api" / "schema.graphql"


class Commands(click.Group):
    """Turns what the shop refuses into one line and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except (SettingsError, LaunchError, DomainError, DemoRefused) as refusal:
            raise click.ClickException(str(refusal)) from None


@click.group(cls=Commands)
def manage() -> None:
    """Runs and looks after the shop.

    Without DATABASE_URL and REDIS_URL, commands use the servers of a running `serve`, or start them for the while.
    """


@contextmanager
def opened() -> Iterator[Shop]:
    """The shop of the settings, its servers started if nobody runs them."""
    settings = load_settings()
    with connected(settings) as urls:
        yield build(load_settings({**os.environ, "DATABASE_URL": urls.database, "REDIS_URL": urls.redis}))


@manage.command("serve")
@click.option("--with-parent", is_flag=True, help="Also stop when the process that started this one is gone.")
def serve_command(with_parent: bool) -> None:
    """Run everything until Ctrl-C: servers that are missing, migrations, seed, web, worker and its clock."""
    settings = load_settings()
    prepare = ["manage.py", "migrate_and_seed"]
    welcome = ""
    if settings.environment == "development":
        prepare.append("--demo-if-empty")
        welcome = accounts_text()
    sys.exit(serve(settings, prepare=prepare, welcome=welcome, with_parent=with_parent))


@manage.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    with opened() as shop:
        init_db.migrate(shop)


@manage.command()
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Take migrations back: the newest one, or down to REVISION (`base`: all of them)."""
    with opened() as shop:
        command.downgrade(init_db.alembic_config(str(shop.settings.database_url)), revision)


@manage.command()
@click.option("-m", "message", required=True, help="What the migration does.")
def makemigration(message: str) -> None:
    """Write a migration that brings the database to what the models say."""
    with opened() as shop:
        config = init_db.alembic_config(str(shop.settings.database_url))
        command.revision(config, message=message, autogenerate=True)


@manage.command()
def seed() -> None:
    """Add the departments, categories and regions that are missing."""
    with opened() as shop:
        init_db.seed(shop.database)


@manage.command("migrate_and_seed")
@click.option("--demo-if-empty", is_flag=True, help="Also load the demo data when there is no product yet.")
def migrate_and_seed(demo_if_empty: bool) -> None:
    """Migrate, then seed."""
    with opened() as shop:
        init_db.migrate(shop)
        init_db.seed(shop.database)
        if demo_if_empty:
            with shop.database.read() as session:
                empty = not has_products(session)
            if empty:
                load_demo(shop)


@manage.command()
@click.option("--products", type=click.IntRange(min=1), help="Also so many products made up by rule.")
def demo(products: int | None) -> None:
    """Add the demo goods and people that are missing; never in production."""
    with opened() as shop:
        loaded = load_demo(shop, products)
        click.echo(f"Added {loaded.people} people, {loaded.goods} goods and {loaded.many} made-up products.")


@manage.command("create-staff")
@click.option("--email", required=True, help="The address to log in with.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--department", "departments", multiple=True, help="The slug of a department; may be repeated.")
@click.option("--admin", is_flag=True, help="Make an admin, who may do everything, instead.")
@click.password_option(help="8 to 128 characters; asked for when left out.")
def create_staff(email: str, name: str, departments: tuple[str, ...], admin: bool, password: str) -> None:
    """Open an account for somebody who works here."""
    if admin == bool(departments):
        raise click.UsageError("Name the departments of a member of staff, or say --admin.")
    with opened() as shop:
        password_hash = shop.passwords.hash(checked_password(password))
        with shop.database.write() as session:
            user_id = register(
                session,
                name=name,
                email=email,
                password_hash=password_hash,
                role=Role.ADMIN if admin else Role.STAFF,
                departments=tuple(get_department_by_slug(session, slug).id for slug in departments),
            )
        click.echo(f"Opened account {user_id} for {email}.")


@manage.command("check-stock")
def check_stock() -> None:
    """Prove that every stock count equals the sum of its ledger; exit status 1 and a list when one does not."""
    with opened() as shop, shop.database.read(without_time_limit=True) as session:
        found = list_discrepancies(session)
        for each in found:
            click.echo(f"{each.product_id} {each.name}: stock {each.stock_count}, ledger {each.ledger_sum}")
        if found:
            sys.exit(1)
        click.echo("Every stock count equals the sum of its ledger.")


@manage.group()
def outbox() -> None:
    """Look after events that could not be delivered."""


@outbox.command("list")
def outbox_list() -> None:
    """List the dead letters: events that were given up."""
    with opened() as shop, shop.database.read() as session:
        dead = relay.list_dead(session)
        for event in dead:
            click.echo(
                f"{event.id} {event.name} died {event.dead_at} after {event.attempts} attempts: {event.last_error}"
            )
        click.echo(f"{len(dead)} dead letters.")


@outbox.command("replay")
@click.argument("event_ids", nargs=-1, type=click.UUID)
@click.option("--all", "every", is_flag=True, help="All of them.")
def outbox_replay(event_ids: tuple[UUID, ...], every: bool) -> None:
    """Make dead letters due again."""
    if every == bool(event_ids):
        raise click.UsageError("Name the events, or say --all.")
    with opened() as shop, shop.database.write() as session:
        click.echo(f"{relay.replay(session, None if every else event_ids)} events are due again.")


@manage.command()
@click.option("--check", is_flag=True, help="Change nothing; exit status 1 when the committed file is out of date.")
def schema(check: bool) -> None:
    """Write the schema to graphql_api/schema.graphql."""
    text = as_text()
    if check:
        if not SCHEMA_FILE.is_file() or SCHEMA_FILE.read_text() != text:
            raise click.ClickException("graphql_api/schema.graphql is out of date: run `python manage.py schema`.")
        return
    SCHEMA_FILE.write_text(text)


if __name__ == "__main__":
    manage()
