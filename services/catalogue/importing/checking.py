"""Checks one record of a file by itself, by the rules that single products are checked by, and writes it for COPY."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.product import ContentUnit, ProductStatus, TaxClass
from services.catalogue.importing.columns import BITS
from services.catalogue.importing.faults import Fault, fault_of
from services.catalogue.importing.lines import Record
from services.catalogue.products import product_values
from services.catalogue.products.families import LONGEST_NAME as LONGEST_FAMILY
from utils import clock, money, text
from utils.errors import InvalidInput
from utils.ids import find_id, new_id

# More digits are no number of pieces.
_MOST_DIGITS = 12
# What PostgreSQL's COPY reads otherwise than it stands there.
_IN_COPY = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\\N"
# An empty cell, and what JSON has for it.
_EMPTY: tuple[Any, ...] = (None, "", [])

Check = Callable[[Any], Any]


class Checker:
    """Checks the records of one file, for a shop with this currency."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        prices = {column: self._price(column) for column in ("price", "priceWas")}
        self._checks: Mapping[str, Check] = {**_CHECKS, **prices, "currency": self._own_currency}

    def row(self, record: Record) -> tuple[str | None, list[Fault]]:
        """The record as a line for COPY into `import_rows`, or None and all that is wrong with it."""
        checked: dict[str, Any] = {}
        faults = list(record.faults)
        for column, value in record.values.items():
            if value in _EMPTY:
                continue
            try:
                checked[column] = self._checks[column](value)
            except InvalidInput as refusal:
                faults.append(fault_of(record.line, column, refusal))
        if faults:
            return None, faults
        return _as_line(record, checked), []

    def _price(self, column: str) -> Check:
        return lambda value: product_values.checked_price(_amount(value, column), self._currency, column)

    def _own_currency(self, value: Any) -> str:
        if value != self._currency:
            raise InvalidInput(f"currency must be {self._currency}, the shop's.", field="currency")
        return self._currency


def _as_line(record: Record, checked: Mapping[str, Any]) -> str:
    given = record.values
    name, brand = checked.get("name"), checked.get("brand")
    options = checked.get("options")
    row = (
        record.line,
        sum(bit for column, bit in BITS.items() if column in given),
        checked.get("id"),
        new_id(),
        checked.get("sku"),
        checked.get("slug"),
        product_values.slug_of(name) if name and "slug" not in checked else None,
        name,
        _or_empty(given, checked, "description", ""),
        brand,
        new_id() if brand else None,
        text.slug(brand, longest=product_values.LONGEST_SLUG) if brand else None,
        checked.get("category"),
        checked.get("price"),
        checked.get("currency"),
        checked.get("stockCount"),
        checked.get("unit"),
        checked.get("contentAmount"),
        checked.get("contentUnit"),
        checked.get("taxClass"),
        checked.get("barcode"),
        _or_empty(given, checked, "tags", []),
        checked.get("status"),
        checked.get("publishFrom"),
        checked.get("publishUntil"),
        checked.get("familyId"),
        checked.get("family"),
        new_id() if "family" in checked and "familyId" not in checked else None,
        None if options is None else [option for option, _ in options],
        None if options is None else [value for _, value in options],
        checked.get("lowStockAt"),
        checked.get("priceWas"),
        checked.get("stockCountWas"),
    )
    return "\t".join(map(_written, row)) + "\n"


def _or_empty(given: Mapping[str, Any], checked: Mapping[str, Any], column: str, empty: Any) -> Any:
    return checked.get(column, empty) if column in given else None


def _written(value: Any) -> str:
    if value is None:
        return _NULL
    if isinstance(value, str):
        return value.translate(_IN_COPY)
    if isinstance(value, list):
        quoted = ('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in value)
        return f"{{{','.join(quoted)}}}".translate(_IN_COPY)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _word(value: Any, column: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{column} must be a string.", field=column)
    return value


def _text(column: str, check: Callable[[str], Any]) -> Check:
    return lambda value: check(_word(value, column))


def _id(column: str) -> Check:
    def check(value: Any) -> Any:
        found = find_id(_word(value, column))
        # The nil UUID (RFC 9562, 5.9) stands for "no id".
        if found is None or found.int == 0:
            raise InvalidInput(f"{column} must be a UUID.", field=column)
        return found

    return check


def _one_of(column: str, values: type[StrEnum]) -> Check:
    def check(value: Any) -> str:
        try:
            return values(_word(value, column).lower()).value
        except ValueError:
            raise InvalidInput(f"{column} must be one of {', '.join(values)}.", field=column) from None

    return check


def _count(column: str) -> Check:
    def check(value: Any) -> int:
        is_written = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS
        count = int(value) if is_written else value
        if type(count) is not int or not 0 <= count <= product_values.LARGEST_STOCK:
            most = product_values.LARGEST_STOCK
            raise InvalidInput(f"{column} must be a whole number from 0 to {most}.", field=column)
        return count

    return check


def _amount(value: Any, column: str) -> Decimal:
    try:
        return money.parse_amount(value)
    except ValueError:
        raise InvalidInput(f"{column} must be a number such as 29.99.", field=column) from None


def _content_amount(value: Any) -> Decimal:
    amount, _ = product_values.checked_content(_amount(value, "contentAmount"), ContentUnit.PIECE)
    assert amount is not None  # it was given
    return amount


def _moment(column: str) -> Check:
    def check(value: Any) -> datetime | None:
        try:
            found = datetime.fromisoformat(_word(value, column))
        except ValueError:
            raise clock.no_moment(column) from None
        return clock.in_utc(found, column)

    return check


def _tags(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidInput("tags must be a list of strings.", field="tags")
    return product_values.checked_tags(value)


def _options(value: Any) -> list[tuple[str, str]]:
    pairs: Sequence[Any] = value if isinstance(value, list) else [None]
    if not all(isinstance(pair, tuple) and isinstance(pair[1], str) for pair in pairs):
        raise InvalidInput("options must be an object of strings.", field="options")
    names = product_values.checked_option_names([name for name, _ in pairs])
    return list(zip(names, product_values.checked_option_values(pairs, names), strict=True))


_CHECKS: Mapping[str, Check] = {
    "id": _id("id"),
    "sku": _text("sku", product_values.checked_sku),
    "slug": _text("slug", product_values.checked_slug),
    "name": _text("name", product_values.checked_name),
    "description": _text("description", product_values.checked_description),
    "brand": _text("brand", product_values.checked_brand),
    "category": _text("category", lambda value: text.line(value, "category", longest=product_values.LONGEST_SLUG)),
    "stockCount": _count("stockCount"),
    "unit": _text("unit", product_values.checked_unit),
    "contentAmount": _content_amount,
    "contentUnit": _one_of("contentUnit", ContentUnit),
    "taxClass": _one_of("taxClass", TaxClass),
    "barcode": _text("barcode", product_values.checked_barcode),
    "tags": _tags,
    "status": _one_of("status", ProductStatus),
    "publishFrom": _moment("publishFrom"),
    "publishUntil": _moment("publishUntil"),
    "familyId": _id("familyId"),
    "family": _text("family", lambda value: text.line(value, "family", longest=LONGEST_FAMILY)),
    "options": _options,
    "lowStockAt": _count("lowStockAt"),
    "stockCountWas": _count("stockCountWas"),
}
