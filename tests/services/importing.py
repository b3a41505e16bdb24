"""What tests of imports share: files from a few words, imports in one line, and what the shop holds afterwards."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import orjson
from sqlalchemy import text

from models.import_job import ImportFormat
from services.accounts.actor import Actor
from services.catalogue.exporting import export_products
from services.catalogue.importing.carrying_out import Outcome, Wanted, import_products
from wiring import Shop


def take(
    shop: Shop,
    content: str | bytes,
    *,
    file_format: ImportFormat = ImportFormat.CSV,
    actor: Actor | None = None,
    **wanted: Any,
) -> Outcome:
    """Imports a file: take(shop, "slug,price\\ntea,2.50\\n", partial=True)."""
    source = BytesIO(content.encode() if isinstance(content, str) else content)
    how = Wanted(file_format, actor=actor, **wanted)
    return import_products(shop.database, source, how, cache=shop.cache, currency=shop.settings.currency)


def take_json(shop: Shop, *records: dict[str, Any], **how: Any) -> Outcome:
    """Imports objects as JSON Lines."""
    content = b"".join(orjson.dumps(record) + b"\n" for record in records)
    return take(shop, content, file_format=ImportFormat.JSONL, **how)


def told(outcome: Outcome) -> list[tuple[int, str | None, str]]:
    """What is wrong, without the sentences: line, column, code."""
    return [(fault.line, fault.field, fault.code) for fault in outcome.faults]


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    """How many were made, changed, left as they were, and refused."""
    created, updated, unchanged, refused = outcome.counts
    return created, updated, unchanged, refused


def exported(shop: Shop, file_format: ImportFormat = ImportFormat.CSV) -> bytes:
    """The whole catalogue as a file."""
    return b"".join(export_products(shop.database, file_format))


def rows(shop: Shop, statement: str) -> list[tuple[Any, ...]]:
    """What a statement gives."""
    with shop.database.read() as session:
        return [tuple(row) for row in session.execute(text(statement))]


def empty(shop: Shop) -> None:
    """Takes all products out of the shop, with their brands and families."""
    with shop.database.write() as session:
        for table in ("products", "brands", "families"):
            session.execute(text(f"DELETE FROM {table}"))


def csv_of(header: str, lines: Iterable[str]) -> str:
    """A file of these lines."""
    return "\n".join([header, *lines, ""])
