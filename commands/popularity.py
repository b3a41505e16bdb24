"""Commands for what sells."""

import click

from commands.opening import opened
from workers.popularity import count_popularity


@click.command("count-popularity")
def count_popularity_command() -> None:
    """Count in how many orders of the last 90 days each product stands; the worker does so every hour."""
    with opened() as shop:
        click.echo(f"{count_popularity(shop)} products are otherwise popular than before.")
