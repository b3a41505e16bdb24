"""What the audit log keeps of a product, and what no two products may have."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from models import Product
from utils.errors import Conflict

# What decides in which lists a product stands, and where: a search reads the description as well.
_LISTED = ("price", "name", "slug", "description", "status", "category_id", "brand_id", "tags", "sku", "barcode")
_BY_TIME = ("publish_from", "publish_until")
_OTHERS = ("unit", "stock_count", "tax_class", "content_amount", "content_unit", "family_id", "option_values")
# What staff decide about a product.
AUDITED = (*_LISTED, *_BY_TIME, *_OTHERS, "low_stock_at")
# By the database's name of the rule: which field, and what is said of it.
_TAKEN = {
    "uq_products_slug": ("slug", "Another product has this slug."),
    "uq_products_sku": ("sku", "Another product has this SKU."),
    "uq_products_barcode": ("barcode", "Another product has this barcode."),
    "uq_products_variant": ("options", "Another product of this family has these options."),
}


def audited(product: Product | Mapping[str, Any]) -> dict[str, Any]:
    """What staff decided about a product, as JSON."""
    values = product if isinstance(product, Mapping) else {name: getattr(product, name) for name in AUDITED}
    return {name: _as_json(values[name]) for name in AUDITED}


def moves_in_lists(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a list may show other products, or in another order, after a change from one `audited` to another."""
    return any(before[name] != now[name] for name in (*_LISTED, *_BY_TIME))


@contextmanager
def refusing_what_is_taken() -> Iterator[None]:
    """Turns the database's refusal of what another product has already into ours (CONFLICT, naming the field)."""
    try:
        yield
    except IntegrityError as fault:
        taken = _TAKEN.get(getattr(getattr(fault.orig, "diag", None), "constraint_name", None) or "")
        if taken is None:
            raise
        raise Conflict(taken[1], field=taken[0]) from fault


def _as_json(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # a string, so that it stays exact; equal prices have one
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return list(value)
    return str(value) if isinstance(value, UUID) else value
