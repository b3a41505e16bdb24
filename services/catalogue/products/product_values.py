"""What may stand in a product: each check gives the value as it is kept, or refuses it with INVALID_INPUT."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from models.product import ContentUnit
from utils import money, text
from utils.clock import in_utc
from utils.errors import InvalidInput

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 10_000
LONGEST_UNIT = 40
LONGEST_SLUG = 80
LONGEST_BRAND = 100
LONGEST_SKU = 64
LONGEST_TAG = 40
MOST_TAGS = 20
LONGEST_OPTION = 40
MOST_OPTIONS = 5
LARGEST_STOCK = 1_000_000_000
# What a NUMERIC(12, 3) column holds.
LARGEST_CONTENT = Decimal("999999999.999")
_CONTENT_STEP = Decimal("0.001")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SKU = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_DIGITS = re.compile(r"[0-9]+")
_BARCODE_LENGTHS = (8, 12, 13, 14)


def slug_of(name: str) -> str:
    """The name as it stands in an address: lower-case letters and digits of ASCII with hyphens between."""
    return text.slug(name, longest=LONGEST_SLUG) or "product"


def checked_name(value: str) -> str:
    """One line of at most 200 characters."""
    return text.line(value, "name", longest=LONGEST_NAME)


def checked_slug(value: str) -> str:
    """A slug that somebody chose: as `slug_of` would make it, and nothing else."""
    slug = value.strip()
    if len(slug) > LONGEST_SLUG or not _SLUG.fullmatch(slug):
        raise InvalidInput(
            f"slug must be of lower-case letters and digits with hyphens between, at most {LONGEST_SLUG}.", field="slug"
        )
    return slug


def checked_description(value: str) -> str:
    """Markdown of at most 10,000 characters; it may be empty."""
    return text.prose(value, "description", longest=LONGEST_DESCRIPTION)


def checked_unit(value: str) -> str:
    """One line of at most 40 characters."""
    return text.line(value, "unit", longest=LONGEST_UNIT)


def checked_price(price: Decimal, currency: str, field: str = "price") -> Decimal:
    """An amount in whole coins of the currency, not negative."""
    if price < 0:
        raise InvalidInput(f"{field} must not be negative.", field=field)
    if not money.is_whole_coins(price, currency):
        raise InvalidInput(f"{field} must have at most {money.exponent(currency)} decimals in {currency}.", field=field)
    return price


def checked_stock(stock_count: int) -> int:
    """So many pieces, from 0 to 1,000,000,000."""
    return _count(stock_count, "stockCount")


def checked_low_stock(low_stock_at: int) -> int:
    """So few pieces that somebody wants to know, from 0 to 1,000,000,000."""
    return _count(low_stock_at, "lowStockAt")


def checked_brand(name: str, field: str = "brand") -> str:
    """A brand's name of at most 100 characters, with single spaces."""
    return text.line(_single_spaced(name), field, longest=LONGEST_BRAND)


def checked_sku(value: str) -> str:
    """A stock-keeping unit: at most 64 printable characters of ASCII."""
    sku = value.strip()
    if len(sku) > LONGEST_SKU or not _SKU.fullmatch(sku):
        raise InvalidInput(f"sku must be of printable ASCII characters, at most {LONGEST_SKU}.", field="sku")
    return sku


def checked_barcode(value: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits whose last one is the check digit (GS1 General Specifications, 7.9)."""
    code = value.strip()
    if not _DIGITS.fullmatch(code) or len(code) not in _BARCODE_LENGTHS:
        raise InvalidInput("barcode must be a GTIN of 8, 12, 13 or 14 digits.", field="barcode")
    # From the right, the check digit counts once, the next one three times, and so on; the sum is a multiple of ten.
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(code)))
    if weighted % 10:
        raise InvalidInput("barcode has a wrong check digit.", field="barcode")
    return code


def gtin(barcode: str) -> str | None:
    """The fourteen digits of what may be a barcode, as barcodes are compared; None for what can be none.

    One of 8, 12 or 13 digits and the same one with noughts before it are one GTIN (GS1 General Specifications, 3.3.2).
    """
    code = barcode.strip()
    return code.zfill(14) if len(code) in _BARCODE_LENGTHS and _DIGITS.fullmatch(code) else None


def checked_tag(value: str) -> str:
    """One tag as it is kept and looked for: folded, at most 40 characters."""
    return text.line(folded(value), "tags", longest=LONGEST_TAG)


def checked_tags(values: Iterable[str]) -> list[str]:
    """At most 20 tags, folded, each once, in their order."""
    tags = list(dict.fromkeys(checked_tag(each) for each in values))
    if len(tags) > MOST_TAGS:
        raise InvalidInput(f"A product has at most {MOST_TAGS} tags.", field="tags")
    return tags


def checked_content(amount: Decimal | None, unit: ContentUnit | None) -> tuple[Decimal | None, ContentUnit | None]:
    """What one piece holds: an amount over 0 with at most three decimals, and its unit; or neither of them."""
    if amount is None and unit is None:
        return None, None
    if amount is None or unit is None:
        raise InvalidInput("contentAmount and contentUnit go together.", field="contentAmount")
    if not 0 < amount <= LARGEST_CONTENT or amount != amount.quantize(_CONTENT_STEP):
        raise InvalidInput(
            f"contentAmount must be over 0, at most {LARGEST_CONTENT}, with at most 3 decimals.", field="contentAmount"
        )
    return amount, unit


def checked_times(begin: datetime | None, end: datetime | None) -> tuple[datetime | None, datetime | None]:
    """From when until when a product is on sale, in UTC; None is for ever."""
    begin, end = in_utc(begin, "publishFrom"), in_utc(end, "publishUntil")
    if begin is not None and end is not None and begin >= end:
        raise InvalidInput("publishFrom must be before publishUntil.", field="publishUntil")
    return begin, end


def checked_option_names(names: Sequence[str]) -> list[str]:
    """What the products of a family differ by: from one to five names, no two of them alike."""
    checked = [text.line(_single_spaced(name), "options", longest=LONGEST_OPTION) for name in names]
    if not 1 <= len(checked) <= MOST_OPTIONS:
        raise InvalidInput(f"A family has from 1 to {MOST_OPTIONS} options.", field="options")
    if len({folded(name) for name in checked}) != len(checked):
        raise InvalidInput("Two options of a family have two names.", field="options")
    return checked


def checked_option_values(given: Iterable[tuple[str, str]], names: Sequence[str]) -> list[str]:
    """The values in the order of the family's options; `given` names exactly these, each once."""
    values: dict[str, str] = {}
    for name, value in given:
        known = folded(name)
        if known in values:
            raise InvalidInput(f"The option {name.strip()!r} is given twice.", field="options")
        values[known] = text.line(_single_spaced(value), "options", longest=LONGEST_OPTION)
    return _in_order(values, names)


def folded(value: str) -> str:
    """The text as it is compared where case and spaces say nothing."""
    return _single_spaced(value).casefold()


def _in_order(values: Mapping[str, str], names: Sequence[str]) -> list[str]:
    wanted = [folded(name) for name in names]
    if set(values) != set(wanted):
        raise InvalidInput(f"options must be exactly: {', '.join(names)}.", field="options")
    return [values[name] for name in wanted]


def _single_spaced(value: str) -> str:
    return " ".join(value.split())


def _count(value: int, field: str) -> int:
    if not 0 <= value <= LARGEST_STOCK:
        raise InvalidInput(f"{field} must be from 0 to {LARGEST_STOCK}.", field=field)
    return value
