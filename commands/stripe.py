"""Commands for Stripe."""

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from time import sleep

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from commands.opening import opened
from gateways.payments.products import StripeRefused
from services.catalogue.stripe_products import PAGE, Source, count_sources
from utils.errors import Unavailable
from wiring import Shop
from workers.stripe_sync import InOtherHands, push, sources_from

# Stripe takes 25 calls a second with a test key, and a push is one to four of some 150 ms.
_AT_ONCE = 4
_TOO_MANY_REQUESTS = 429
_MOST_WAITS = 20


@dataclass
class _Told:
    """What came of it."""

    count: int = 0
    refused: list[str] = field(default_factory=list)


@click.command("stripe-sync")
@click.option("--dry-run", is_flag=True, help="Tell nobody; only say what Stripe would be told.")
@click.option("--all", "every", is_flag=True, help="Tell Stripe all of them again, whatever it was told before.")
def stripe_sync(dry_run: bool, every: bool) -> None:
    """Tell Stripe of all products that it does not have as they are; exit status 1 when it refuses one."""
    with opened() as shop:
        if shop.directory.account is None:
            click.echo("STRIPE_SECRET_KEY is not set: nobody is told anything.")
            return
        if dry_run:
            _foretell(shop, every=every)
            return
        told = _tell_all(shop, every=every)
        click.echo(f"Stripe was told of {told.count} products.")
        if told.refused:
            raise click.ClickException("\n".join([f"Stripe refuses {len(told.refused)} products:", *told.refused]))


def _foretell(shop: Shop, *, every: bool) -> None:
    count = 0
    for source in sources_from(shop):
        if source.differs(str(shop.directory.account), told_anyway=every):
            count += 1
            click.echo(f"{source.id} {_act(source)} {source.name if source.exists else ''}".rstrip())
    click.echo(f"Stripe would be told of {count} products.")


def _act(source: Source) -> str:
    if not source.exists:
        return "archive"
    return ("change" if source.is_on_sale else "withdraw") if source.is_known else "create"


def _tell_all(shop: Shop, *, every: bool) -> _Told:
    with shop.database.read(without_time_limit=True) as session:
        total = count_sources(session)
    told = _Told()
    # A line for each product would push the bar out of sight.
    logging.getLogger().setLevel(max(logging.WARNING, logging.getLogger().level))
    with _bar() as bar, ThreadPoolExecutor(max_workers=_AT_ONCE) as threads:
        task = bar.add_task("Products", total=total)
        waiting: list[tuple[Source, Future[bool]]] = []
        for source in sources_from(shop):
            if source.differs(str(shop.directory.account), told_anyway=every):
                waiting.append((source, threads.submit(_push_patiently, shop, source, every=every)))
            else:
                bar.advance(task)
            # Bounded: a page of answers is waited for before the next is asked for.
            if len(waiting) >= PAGE:
                for _ in _counted(waiting, told):
                    bar.advance(task)
        for _ in _counted(waiting, told):
            bar.advance(task)
    return told


def _counted(waiting: list[tuple[Source, "Future[bool]"]], told: _Told) -> Iterator[None]:
    try:
        for source, future in waiting:
            try:
                told.count += future.result()
            except StripeRefused as refusal:
                told.refused.append(f"{source.id} {source.name}: {refusal.status}")
            yield
    except BaseException:
        # Stripe is away, or somebody pressed Ctrl-C: what has not begun is not begun.
        for _, future in waiting:
            future.cancel()
        raise
    waiting.clear()


def _push_patiently(shop: Shop, source: Source, *, every: bool) -> bool:
    for _ in range(_MOST_WAITS):
        try:
            return push(shop, source.id, told_anyway=every)
        except InOtherHands:
            # The worker has it, and reads it as it is now.
            return False
        except Unavailable as refusal:
            if refusal.details.get("status") != _TOO_MANY_REQUESTS:
                raise
            sleep(1)
    raise Unavailable("Stripe says again and again that there are too many requests.", status=_TOO_MANY_REQUESTS)


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
