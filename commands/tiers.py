"""Commands for the tiers of customers."""

import click

from commands.opening import opened
from workers.tiers import categorize_customers


@click.command("categorize-customers")
def categorize_customers_command() -> None:
    """Correct the tiers that are not what successful orders say; the worker does so every day.

    One at a time: exit status 1, and nothing done, while another repair is at work.
    """
    with opened() as shop:
        repair = categorize_customers(shop)
        if repair is None:
            raise click.ClickException("Another repair of the tiers is at work. Nothing was done.")
        click.echo(
            f"{repair.checked} customers were counted: of {repair.corrected} something else was kept, "
            f"and {repair.moved} are in another tier now."
        )
