"""What the demo goods cost in Germany, in euros with the tax in them, and where else those prices count."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from demo.goods import GOODS
from models import Region
from utils import clock

_CODE, _CURRENCY = "DE", "EUR"
_FALLS_BACK = ("FR", "ES", "IE")
_SHIPPING = Decimal("4.90")
# Only of goods that are there, and have none yet.
_SET = text(
    """
    WITH wanted AS (
        SELECT p.id, w.price FROM unnest(CAST(:ids AS uuid[]), CAST(:prices AS numeric[])) AS w (id, price)
        JOIN products AS p ON p.id = w.id
    ), added AS (
        INSERT INTO region_prices (product_id, region_code, price, created_at, updated_at)
        SELECT id, :code, price, :moment, :moment FROM wanted
        ON CONFLICT DO NOTHING
        RETURNING product_id, price
    )
    INSERT INTO price_changes (product_id, region_code, price, currency, effective_from, reason, created_at)
    SELECT product_id, :code, price, :currency, :moment, 'initial', :moment FROM added
    RETURNING product_id
    """
)


def add_missing_prices(session: Session) -> bool:
    """Gives the hand-made goods their German prices, where the region is there and has none; says whether it did."""
    region = session.scalars(select(Region).where(Region.code == _CODE, Region.currency == _CURRENCY)).one_or_none()
    if region is None or region.is_home or region.version > 1:
        return False
    ids, prices = zip(*_euros(), strict=True)
    values: dict[str, Any] = {"ids": list(ids), "prices": list(prices), "code": _CODE, "currency": _CURRENCY}
    added = session.execute(_SET, {**values, "moment": clock.now()}).all()
    if not added:
        return False
    untouched = update(Region).where(Region.version == 1, Region.is_home.is_(False))
    session.execute(untouched.where(Region.code == _CODE).values(shipping_price=_SHIPPING))
    falling = untouched.where(Region.code.in_(_FALLS_BACK), Region.currency == _CURRENCY)
    session.execute(falling.values(fallback_code=_CODE, shipping_price=_SHIPPING + 3))
    return True


def _euros() -> Iterator[tuple[str, Decimal]]:
    """About the dollars of the label, taxes included, ending in a nine."""
    for good in GOODS:
        yield str(good.product_id), (good.price * 10).to_integral_value(ROUND_CEILING) / 10 - Decimal("0.01")
