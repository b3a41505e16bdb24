"""The regions that a discount is for, and whether what it says in money can count in any of them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Region
from services.pricing.discounts.drafts import Amount, DiscountDraft
from utils.errors import InvalidInput
from utils.region_codes import no_region


def check_regions(session: Session, now: DiscountDraft, *, before: DiscountDraft | None = None) -> None:
    """Refuses (INVALID_INPUT) regions that the shop does not have, and amounts in no currency of those it is for.

    `before`: the discount as it was, None for a new one. Amounts and regions that both stay are not looked at again: a
    region may have come to another currency, and such a discount can still be switched off.
    """
    if not now.region_codes or (before is not None and _said_of(before) == _said_of(now)):
        return
    rows = session.execute(select(Region.code, Region.currency).where(Region.code.in_(now.region_codes)))
    currencies = {row.code: row.currency for row in rows}
    for code in now.region_codes:
        if code not in currencies:
            raise no_region(code, "regionCodes")
    for field, amounts in (("amounts", now.amounts), ("minAmounts", now.min_amounts)):
        if amounts and not {each.currency for each in amounts} & set(currencies.values()):
            raise InvalidInput(f"{field} must name {_missing(currencies)}.", field=field)


def _said_of(draft: DiscountDraft) -> tuple[Sequence[str], Sequence[Amount], Sequence[Amount]]:
    return draft.region_codes, draft.amounts, draft.min_amounts


def _missing(currencies: Mapping[str, str]) -> str:
    """The currencies, and by the codes of the regions whose they are: EUR, the currency of DE."""
    names = sorted(set(currencies.values()))
    what = "the currency" if len(names) == 1 else "the currencies"
    return f"{' or '.join(names)}, {what} of {' and '.join(sorted(currencies))}"
