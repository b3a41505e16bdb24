"""Commands for the database: its schema, what every shop needs in it, and demo data."""

import click
from alembic import command
from alembic.util import CommandError

import init_db
from commands.opening import opened
from demo.cast import accounts_text
from demo.loading import load
from demo.people import DemoRefused
from services.catalogue.reading import has_products


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    with opened() as shop:
        init_db.migrate(shop)


@click.command()
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Take migrations back: the newest one, or down to REVISION (`base`: all of them)."""
    with opened() as shop:
        command.downgrade(init_db.alembic_config(str(shop.settings.database_url)), revision)


@click.command()
@click.option("-m", "message", required=True, help="What the migration does.")
def makemigration(message: str) -> None:
    """Write a migration that brings the database to what the models say."""
    with opened() as shop:
        config = init_db.alembic_config(str(shop.settings.database_url))
        try:
            command.revision(config, message=message, autogenerate=True)
        except CommandError as refusal:
            raise click.ClickException(f"{refusal} Run `make migrate` first.") from None


@click.command()
def seed() -> None:
    """Add the departments, categories and regions that are missing."""
    with opened() as shop:
        init_db.seed(shop)


@click.command("migrate_and_seed")
@click.option("--demo-if-empty", is_flag=True, help="Also load the demo data when there is no product yet.")
@click.option("--tell-accounts", is_flag=True, help="Also print the demo's accounts when it was loaded.")
def migrate_and_seed(demo_if_empty: bool, tell_accounts: bool) -> None:
    """Migrate, then seed."""
    with opened() as shop:
        init_db.migrate(shop)
        init_db.seed(shop)
        if demo_if_empty:
            with shop.database.read() as session:
                empty = not has_products(session)
            if empty:
                load(shop)
                if tell_accounts:
                    click.echo(accounts_text())


@click.command()
@click.option("--products", type=click.IntRange(min=1), help="Also so many products made up by rule.")
def demo(products: int | None) -> None:
    """Add the demo goods and people that are missing; never in production."""
    with opened() as shop:
        try:
            loaded = load(shop, products)
        except DemoRefused as refusal:
            raise click.ClickException(str(refusal)) from None
        click.echo(f"Added {loaded.people} people, {loaded.goods} goods and {loaded.many} made-up products.")
