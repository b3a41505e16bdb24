"""What a product costs by the measure, so that packs of different sizes can be compared."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from models.product import ContentUnit
from utils import money

# In which measure the price is told (directive 98/6/EC, article 2b), and how many of the content's units that is.
_MEASURES: dict[ContentUnit, tuple[ContentUnit, int]] = {
    ContentUnit.G: (ContentUnit.KG, 1000),
    ContentUnit.KG: (ContentUnit.KG, 1),
    ContentUnit.ML: (ContentUnit.L, 1000),
    ContentUnit.L: (ContentUnit.L, 1),
    ContentUnit.CM: (ContentUnit.M, 100),
    ContentUnit.M: (ContentUnit.M, 1),
    ContentUnit.M2: (ContentUnit.M2, 1),
    ContentUnit.PIECE: (ContentUnit.PIECE, 1),
}


class UnitPrice(NamedTuple):
    """So much for a kilogram, a litre, a metre, a square metre or a piece."""

    amount: Decimal
    currency: str
    per: ContentUnit


def unit_price(
    price: Decimal, currency: str, *, content_amount: Decimal | None, content_unit: str | None
) -> UnitPrice | None:
    """The price of one measure of what a piece holds, rounded half-up to the currency's coin.

    None where the content is not known, or where the amount is larger than any that the shop tells.
    """
    if content_amount is None or content_unit is None:
        return None
    per, units = _MEASURES[ContentUnit(content_unit)]
    # In fractions, so that nothing is rounded before the end.
    coins = Fraction(price) * units / Fraction(content_amount) * 10 ** money.exponent(currency)
    amount = Decimal((2 * coins + 1) // 2).scaleb(-money.exponent(currency))
    return None if amount > money.LARGEST_AMOUNT else UnitPrice(amount, currency, per)
