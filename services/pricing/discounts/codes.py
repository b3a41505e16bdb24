"""Codes that customers give: which discounts they open, and why one does not count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.pricing.calculating.facts import Customer, Purchase, Rule
from services.pricing.calculating.priced import Priced, Refusal, Verdict
from services.pricing.discounts.checked_parts import hours_of
from utils.database import run
from utils.errors import (
    DiscountExhausted,
    DiscountExpired,
    DiscountNotApplicable,
    DiscountNotStarted,
    DiscountUnknown,
    DomainError,
    InvalidInput,
)

MOST_CODES = 10
LONGEST_CODE = 64

# A discount that staff switched off, or that names other customers, is as if it did not exist. Codes that are their
# own capitals are compared, as the table keeps them.
_FIND = """
SELECT c.id, c.code, c.discount_id, d.starts_at, d.ends_at, c.use_limit IS NOT NULL AS is_limited,
 coalesce(c.used_count >= c.use_limit, false) AS is_used_up
FROM discount_codes AS c JOIN discounts AS d ON d.id = c.discount_id
WHERE c.code = ANY(CAST(%(codes)s AS text[])) AND d.is_active
 AND (NOT d.for_named_customers OR EXISTS (
  SELECT FROM discount_customers AS named
  WHERE named.discount_id = d.id AND named.customer_id = CAST(%(customer_id)s AS uuid)))
"""
_SENTENCES = {
    Refusal.WRONG_REGION: "This code is not for this region.",
    Refusal.NOT_STARTED: "This code does not count yet.",
    Refusal.EXPIRED: "This code has expired.",
    Refusal.OUTSIDE_WINDOW: "This code does not count at this hour.",
    Refusal.WRONG_TIER: "This code is for customers of another tier.",
    Refusal.NOT_FIRST_ORDER: "This code is for first orders.",
    Refusal.EXHAUSTED: "This code was used as often as it may be.",
    Refusal.EXHAUSTED_FOR_CUSTOMER: "You have used this code as often as you may.",
    Refusal.NO_AMOUNT_IN_CURRENCY: "This code does not count in this currency.",
    Refusal.NO_GOODS: "This code is for other goods.",
    Refusal.MINIMUM_AMOUNT: "This code counts from a higher amount on.",
    Refusal.MINIMUM_QUANTITY: "This code counts from more pieces on.",
    Refusal.NOTHING_TO_REDUCE: "There is nothing that this code could make cheaper.",
    Refusal.BETTER_COMBINATION: "Other discounts make it cheaper, and this code does not stand beside them.",
}
# Whoever may not know of it is told that there is no such code.
_UNKNOWN = frozenset({Refusal.NOT_NAMED, Refusal.NEEDS_CODE})
_KINDS: Mapping[Refusal, type[DomainError]] = {
    Refusal.NOT_STARTED: DiscountNotStarted,
    Refusal.EXPIRED: DiscountExpired,
    Refusal.EXHAUSTED: DiscountExhausted,
    Refusal.EXHAUSTED_FOR_CUSTOMER: DiscountExhausted,
}


@dataclass(frozen=True, slots=True)
class GivenCode:
    """A code, in capitals, that opens a discount; when that begins and ends; whether the code has its own limit."""

    id: UUID
    code: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_limited: bool = False


@dataclass(frozen=True, slots=True)
class FoundCodes:
    """What is known of the codes that were `given` (in capitals, each once, in their order).

    `by_rule`: by the id of a discount, the code that opens it. The rest open none: nobody whom this customer may know
    of has them (`unknown`), their own uses are used up (`used_up`), or another one opens the same discount
    (`repeated`).
    """

    given: tuple[str, ...] = ()
    by_rule: Mapping[UUID, GivenCode] = field(default_factory=dict)
    unknown: Sequence[str] = ()
    used_up: Sequence[str] = ()
    repeated: Sequence[str] = ()

    @property
    def opened(self) -> dict[UUID, str]:
        """By the id of a discount, the text of its code: what the calculator is told."""
        return {discount_id: given.code for discount_id, given in self.by_rule.items()}


@dataclass(frozen=True, slots=True)
class CodeRefusal:
    """A code, in capitals, that does not count, and why."""

    code: str
    error: DomainError


def normalised(code: str) -> str:
    """The code as it is kept and compared: without spaces around it, in capitals."""
    return code.strip().upper()


def well_formed(codes: Sequence[str]) -> tuple[str, ...]:
    """The codes in capitals, each once, in their order.

    Refuses (INVALID_INPUT) more than 10 codes, and one of no or more than 64 characters, or not printable ones.
    """
    if len(codes) > MOST_CODES:
        raise InvalidInput(f"At most {MOST_CODES} codes can be given.", field="discountCodes")
    given = tuple(dict.fromkeys(map(normalised, codes)))
    if not all(each.isprintable() and 1 <= len(each) <= LONGEST_CODE for each in given):
        raise InvalidInput(f"A code has 1 to {LONGEST_CODE} printable characters.", field="discountCodes")
    return given


def find_codes(session: Session, codes: Sequence[str], *, customer_id: UUID | None) -> FoundCodes:
    """Which discounts the codes open, for this customer (None is a guest). One statement, none without codes.

    A code of a discount that is over or yet to begin is found, and `refusals` says so; one that names others is not.
    Refuses what `well_formed` refuses.
    """
    given = well_formed(codes)
    if not given:
        return FoundCodes()
    rows = run(session, _FIND, {"codes": list(given), "customer_id": None if customer_id is None else str(customer_id)})
    known = {row.code: row for row in rows}
    by_rule: dict[UUID, GivenCode] = {}
    used_up, repeated = [], []
    for code in given:
        row = known.get(code)
        if row is None:
            continue
        if row.is_used_up:
            used_up.append(code)
        elif row.discount_id in by_rule:
            repeated.append(code)
        else:
            by_rule[row.discount_id] = GivenCode(row.id, code, row.starts_at, row.ends_at, row.is_limited)
    unknown = [code for code in given if code not in known]
    return FoundCodes(given=given, by_rule=by_rule, unknown=unknown, used_up=used_up, repeated=repeated)


def refusals(priced: Priced, found: FoundCodes) -> list[CodeRefusal]:
    """Why codes did not count in this price, in the order in which they were given; nothing of those that did.

    The errors are DISCOUNT_UNKNOWN, _NOT_STARTED, _EXPIRED, _EXHAUSTED and _NOT_APPLICABLE, the last for everything
    else that a rule demands. `condition` is the name of the Refusal; a minimum says what is missing, and a time when it
    counts: `startsAt`, or the `windows` of the week by the clocks of `timeZone`. All of it is JSON.
    """
    verdicts = {verdict.rule.id: verdict for verdict in priced.verdicts}
    errors: dict[str, DomainError] = {code: _unknown(code) for code in found.unknown}
    errors |= {code: refused(code, Refusal.EXHAUSTED) for code in found.used_up}
    errors |= {code: _repeated(code) for code in found.repeated}
    for discount_id, given in found.by_rule.items():
        error = _error(given, verdicts.get(discount_id), priced.purchase)
        if error is not None:
            errors[given.code] = error
    return [CodeRefusal(code, errors[code]) for code in found.given if code in errors]


def ran_out(code: str, rule: Rule, customer: Customer) -> DomainError:
    """The refusal of a code whose use somebody else took meanwhile (uses.take_uses said so).

    `customer`: as `customer_facts_now` tells afterwards, so that one who was their own rival is told so.
    """
    limit = rule.per_customer_limit
    if rule.first_order_only and customer.has_ordered:
        return refused(code, Refusal.NOT_FIRST_ORDER)
    if limit is not None and customer.uses.get(rule.id, 0) >= limit:
        return refused(code, Refusal.EXHAUSTED_FOR_CUSTOMER)
    return refused(code, Refusal.EXHAUSTED)


def refused(code: str, refusal: Refusal, **details: Any) -> DomainError:
    """The error that tells why a code does not count."""
    if refusal in _UNKNOWN:
        return _unknown(code)
    kind = _KINDS.get(refusal, DiscountNotApplicable)
    return kind(_SENTENCES[refusal], discountCode=code, condition=refusal.name, **details)


def _unknown(code: str) -> DomainError:
    return DiscountUnknown("There is no such code.", discountCode=code)


def _repeated(code: str) -> DomainError:
    sentence = "Another of the codes is of the same discount, which counts once."
    return DiscountNotApplicable(sentence, discountCode=code, condition=Refusal.BETTER_COMBINATION.name)


def _error(given: GivenCode, verdict: Verdict | None, purchase: Purchase) -> DomainError | None:
    moment = purchase.moment
    if verdict is None:
        # Not among the active rules: it is another time's.
        if given.starts_at is not None and given.starts_at > moment:
            return refused(given.code, Refusal.NOT_STARTED, **_beginning(given.starts_at))
        is_over = given.ends_at is not None and given.ends_at <= moment
        return refused(given.code, Refusal.EXPIRED) if is_over else _unknown(given.code)
    if verdict.refusal is None:
        return None
    details: dict[str, Any] = _times(verdict, purchase)
    if verdict.missing_amount is not None:
        # Details are JSON, where an amount is a number, as it is everywhere in answers.
        missing = verdict.missing_amount
        details |= {"missingAmount": float(missing.amount), "currency": missing.currency}
    if verdict.missing_quantity is not None:
        details["missingQuantity"] = verdict.missing_quantity
    return refused(given.code, verdict.refusal, **details)


def _times(verdict: Verdict, purchase: Purchase) -> dict[str, Any]:
    """When it counts, where that is what fails."""
    if verdict.refusal is Refusal.NOT_STARTED:
        return _beginning(verdict.rule.starts_at)
    if verdict.refusal is Refusal.OUTSIDE_WINDOW:
        hours = [hours_of(each) for each in verdict.rule.windows]
        windows = [{"day": each.day.name, "from": each.begins, "until": each.ends} for each in hours]
        return {"windows": windows, "timeZone": purchase.time_zone}
    return {}


def _beginning(starts_at: datetime | None) -> dict[str, Any]:
    return {} if starts_at is None else {"startsAt": starts_at.astimezone(UTC).isoformat()}
