"""The command line of the shop: `python manage.py COMMAND --help`."""

import sys
from importlib import import_module
from typing import Any

import click

from demo.cast import accounts_text
from launch import LaunchError, serve
from utils.config import SettingsError, load_settings
from utils.errors import DomainError

# Where each command stands. Only the one that is called is imported.
COMMANDS = {
    "migrate": "commands.database:migrate",
    "downgrade": "commands.database:downgrade",
    "makemigration": "commands.database:makemigration",
    "seed": "commands.database:seed",
    "migrate_and_seed": "commands.database:migrate_and_seed",
    "demo": "commands.database:demo",
    "create-staff": "commands.staff:create_staff",
    "check-stock": "commands.stock:check_stock",
    "replay-prices": "commands.prices:replay_prices",
    "count-popularity": "commands.popularity:count_popularity_command",
    "categorize-customers": "commands.tiers:categorize_customers_command",
    "import-products": "commands.products:import_products_command",
    "export-products": "commands.products:export_products_command",
    "outbox": "commands.outbox:outbox",
    "cache": "commands.cache:cache",
    "stripe-sync": "commands.stripe:stripe_sync",
    "schema": "commands.schema:schema",
}


class Commands(click.Group):
    """Imports a command when it is called for, and turns what the shop refuses into one line and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return [*super().list_commands(ctx), *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except (SettingsError, LaunchError, DomainError) as refusal:
            raise click.ClickException(str(refusal)) from None


@click.group(cls=Commands)
def manage() -> None:
    """Runs and looks after the shop.

    Without DATABASE_URL and REDIS_URL, commands use the servers of a running `serve`, or start them for the while.
    """


@manage.command("serve")
@click.option("--with-parent", is_flag=True, help="Also stop when the process that started this one is gone.")
def serve_command(with_parent: bool) -> None:
    """Run everything until Ctrl-C: servers that are missing, migrations, seed, web, worker and its clock."""
    settings = load_settings()
    prepare = ["manage.py", "migrate_and_seed"]
    welcome = ""
    if settings.environment == "development":
        prepare.append("--demo-if-empty")
        # In a database of your own there may be no demo: there the loading tells, if it loads.
        if settings.database_url:
            prepare.append("--tell-accounts")
        else:
            welcome = accounts_text()
    sys.exit(serve(settings, prepare=prepare, welcome=welcome, with_parent=with_parent))


if __name__ == "__main__":
    manage()
