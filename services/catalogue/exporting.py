"""All products as a file in the shape that an import reads, the same bytes as long as nothing has changed."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import orjson
from sqlalchemy.orm import Session

from models.import_job import ImportFormat
from services.catalogue.importing import cells
from services.catalogue.importing.columns import COLUMNS, TEXTS
from utils.database import Database, run
from utils.money import rounded

# Products read at once: some hundred kilobytes as a rule, whatever the shop's size.
_BATCH = 200
# By keyset: between two pages nothing of the database is held, however slow whoever reads the file is.
_PAGE = """
SELECT p.id::text AS id, p.sku, p.slug, p.name, p.description, b.name AS brand, c.slug AS category, p.price,
    p.currency, p.stock_count AS "stockCount", p.unit, p.content_amount AS "contentAmount",
    p.content_unit AS "contentUnit", p.tax_class AS "taxClass", p.barcode, p.tags, p.status,
    p.publish_from AS "publishFrom", p.publish_until AS "publishUntil", f.id::text AS "familyId", f.name AS family,
    f.options AS option_names, p.option_values, p.low_stock_at AS "lowStockAt"
FROM products AS p
JOIN categories AS c ON c.id = p.category_id
LEFT JOIN brands AS b ON b.id = p.brand_id
LEFT JOIN families AS f ON f.id = p.family_id
WHERE (%(after)s IS NULL OR p.id > CAST(%(after)s AS uuid)) ORDER BY p.id LIMIT %(limit)s
"""

_Values = dict[str, Any]


def export_products(database: Database, file_format: ImportFormat) -> Iterator[bytes]:
    """The file in pieces: every product, drafts and withdrawn ones too, in the order of their ids.

    Each piece is as the shop was when it was read. Settle prices that are due first. Refuses (UNAVAILABLE) when the
    database does not answer.
    """
    yield from _header(file_format)
    after: str | None = None
    while True:
        with database.read() as session:
            page = _page(session, after)
        if page:
            after = page[-1]["id"]
            yield _WRITERS[file_format](page)
        if len(page) < _BATCH:
            return


def _page(session: Session, after: str | None) -> list[_Values]:
    return [_values(row) for row in run(session, _PAGE, {"after": after, "limit": _BATCH}).mappings()]


def _values(row: Mapping[Any, Any]) -> _Values:
    """The product under the columns' names."""
    values = dict(row)
    options, given = values.pop("option_names"), values.pop("option_values")
    values["options"] = list(zip(options, given, strict=True)) if options else None
    for column in ("publishFrom", "publishUntil"):
        if values[column] is not None:
            values[column] = _moment(values[column])
    values["price"] = values["priceWas"] = rounded(values["price"], values["currency"])
    # Whoever changes the others tells an import by these what they looked at.
    values["stockCountWas"] = values["stockCount"]
    return values


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _header(file_format: ImportFormat) -> Iterator[bytes]:
    if file_format is ImportFormat.CSV:
        yield (",".join(COLUMNS) + "\r\n").encode()


def _as_csv(page: Sequence[_Values]) -> bytes:
    sheet = StringIO()
    csv.writer(sheet).writerows([_cell(column, values[column]) for column in COLUMNS] for values in page)
    return sheet.getvalue().encode()


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column == "tags":
        value = cells.joined(value)
    elif column == "options":
        value = cells.joined_pairs(value)
    elif isinstance(value, Decimal):
        value = _plain(value) if column == "contentAmount" else f"{value:f}"
    return cells.as_cell(value) if column in TEXTS else str(value)


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _as_jsonl(page: Sequence[_Values]) -> bytes:
    return b"".join(
        orjson.dumps({column: _json(column, values[column]) for column in COLUMNS}) + b"\n" for values in page
    )


def _json(column: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        # At most 14 digits, of which a double loses none.
        return int(value) if value == value.to_integral_value() else float(value)
    return dict(value) if column == "options" and value is not None else value


_WRITERS: Mapping[ImportFormat, Callable[[Sequence[_Values]], bytes]] = {
    ImportFormat.CSV: _as_csv,
    ImportFormat.JSONL: _as_jsonl,
}
