"""Commands that take products in from a file, and write them into one."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from commands.opening import opened
from models.import_job import ImportFormat, ImportStatus
from models.user import Right
from services.accounts.actor import Actor
from services.accounts.reading import find_user_by_email
from services.catalogue.exporting import export_products
from services.catalogue.importing.carrying_out import Outcome, Wanted, import_products, is_told
from services.catalogue.importing.jobs import actor_of_account
from services.catalogue.prices.settling import settle_when_due
from utils.errors import NotFound
from wiring import Shop

_FORMATS = click.Choice([each.value for each in ImportFormat])


@click.command("import-products")
@click.argument("file", type=click.File("rb"))
@click.option("--format", "file_format", type=_FORMATS, help="By default what the file's name ends in, else csv.")
@click.option("--dry-run", is_flag=True, help="Tell what would be, and change nothing.")
@click.option("--partial", is_flag=True, help="Keep the good lines when others are refused.")
@click.option("--as", "email", metavar="EMAIL", help="Act as this member of staff; by default as the shop itself.")
def import_products_command(
    file: BinaryIO, file_format: str | None, dry_run: bool, partial: bool, email: str | None
) -> None:
    """Make and change products as FILE says (- is the standard input); exit status 1 when anything was refused."""
    with opened() as shop:
        actor = None if email is None else _staff(shop, email)
        wanted = Wanted(_format(file.name, file_format), dry_run=dry_run, partial=partial, actor=actor)
        with _told_progress(file) as progress:
            outcome = import_products(
                shop.database,
                file,
                wanted,
                cache=shop.cache,
                currency=shop.settings.currency,
                progress=progress,
            )
        if not is_told(outcome, shop.cache):
            click.echo("Redis was not told of it: shoppers may be shown what was before for a minute.", err=True)
    _tell(outcome, dry_run=dry_run)
    if outcome.fault_count:
        sys.exit(1)


@click.command("export-products")
@click.argument("file", type=click.File("wb", lazy=True), default="-")
@click.option("--format", "file_format", type=_FORMATS, help="By default what the file's name ends in, else csv.")
def export_products_command(file: BinaryIO, file_format: str | None) -> None:
    """Write all products, drafts and withdrawn ones too, into FILE, in the shape that import-products reads."""
    with opened() as shop:
        settle_when_due(shop.database, shop.cache)
        for piece in export_products(shop.database, _format(file.name, file_format)):
            file.write(piece)


def _format(name: str, given: str | None) -> ImportFormat:
    if given is None:
        return ImportFormat.JSONL if name.endswith((".jsonl", ".ndjson")) else ImportFormat.CSV
    return ImportFormat(given)


def _staff(shop: Shop, email: str) -> Actor:
    with shop.database.read() as session:
        user = find_user_by_email(session, email.strip().lower())
        if user is None or user.deleted_at is not None:
            raise NotFound("Nobody has this address.", field="as")
        actor = actor_of_account(session, user)
    actor.require(Right.PRODUCTS)
    return actor


@contextmanager
def _told_progress(file: BinaryIO) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal, as long as the file; elsewhere a line for every ten thousand products."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda records: click.echo(f"{records} read", err=True) if records % 10_000 == 0 < records else None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Reading products", total=_size(file))

        def advance(records: int) -> None:
            read = file.tell() if file.seekable() else None
            bar.update(task, completed=read, description=f"{records} products read")

        yield advance


def _size(file: BinaryIO) -> int | None:
    found = os.fstat(file.fileno())
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _tell(outcome: Outcome, *, dry_run: bool) -> None:
    for fault in outcome.faults:
        column = "" if fault.field is None else f", {fault.field}"
        click.echo(f"line {fault.line}{column}: {fault.message}", err=True)
    if outcome.fault_count > len(outcome.faults):
        click.echo(f"... and {outcome.fault_count - len(outcome.faults)} more.", err=True)
    made = outcome.counts
    if outcome.status is ImportStatus.REFUSED:
        click.echo(f"{outcome.records} read, {made.refused} refused: nothing was changed.")
        return
    would = "would be " if dry_run else ""
    click.echo(
        f"{outcome.records} read: {made.created} {would}created, {made.updated} {would}updated, "
        f"{made.unchanged} unchanged, {made.refused} refused."
    )
