"""Commands for prices."""

import sys

import click

from commands.opening import opened
from services.orders.replaying import Replay

_NUMBER = click.IntRange(1, 2**63 - 1)


@click.command("replay-prices")
@click.option("--order", "number", type=_NUMBER, metavar="NUMBER", help="Only the order with this number.")
def replay_prices(number: int | None) -> None:
    """Count the prices of all orders anew from the facts kept with them; exit status 1 when one comes out otherwise."""
    differing = 0
    with opened() as shop:
        replay = Replay(shop.database, number)
        for found in replay.differences():
            differing += 1
            for each in found.what:
                click.echo(f"order {found.number}: {each}")
    if replay.unpriced:
        click.echo(f"{replay.unpriced} from before prices were explained, and left out.")
    click.echo(f"{replay.replayed} counted anew, {differing} differ.")
    if differing:
        sys.exit(1)
