"""Commands for the stock."""

import sys

import click

from commands.opening import opened
from services.catalogue.stock.stock import list_discrepancies


@click.command("check-stock")
def check_stock() -> None:
    """Prove that every stock count equals the sum of its ledger; exit status 1 and a list when one does not."""
    with opened() as shop, shop.database.read(without_time_limit=True) as session:
        found = list_discrepancies(session)
        for each in found:
            click.echo(f"{each.product_id} {each.name}: stock {each.stock_count}, ledger {each.ledger_sum}")
        if found:
            sys.exit(1)
        click.echo("Every stock count equals the sum of its ledger.")
