"""Counts the prices of stored orders anew, from the facts that were kept with them, through today's code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models.order import OrderStatus
from services.pricing.calculating.calculator import price
from services.pricing.calculating.facts import Rule
from services.pricing.calculating.priced import Priced
from services.pricing.calculating.written import differences, purchase_of, rules_of
from utils.database import Database, run
from utils.errors import NotFound
from utils.money import Money, is_whole_coins, parse_amount, rounded

# An order of a hundred lines with its explanation is about 200 kB, and one batch stands in memory at once.
_BATCH = 100
# Texts of rules that are held: orders of one time mostly share one.
_MOST_RULES = 8
_FIRST_ID = UUID(int=0)

# One statement sees an order, its lines and its uses at one moment: whoever cancels it takes the uses away. Amounts
# travel as text, so that JSON does not round them.
_STORED = """
SELECT o.id, o.number, o.status, o.total_amount, o.net_goods, o.net_shipping, o.tax_total, o.discount_total,
    p.rules_digest, p.inputs, p.explanation,
    ARRAY(SELECT json_build_array(quantity, price_at_purchase::text, line_total::text, discount_total::text,
        net_total::text, tax_total::text) FROM order_items WHERE order_id = o.id ORDER BY position) AS items,
    ARRAY(SELECT json_build_array(discount_id, amount::text)
        FROM discount_uses WHERE order_id = o.id ORDER BY discount_id) AS uses
FROM order_pricing AS p JOIN orders AS o ON o.id = p.order_id
WHERE o.id > %(after)s AND (CAST(%(number)s AS bigint) IS NULL OR o.number = %(number)s)
ORDER BY o.id LIMIT %(most)s
"""
# By the column of an order, the amount that was counted for it.
_AMOUNTS = {
    "total_amount": "total",
    "net_goods": "net_goods",
    "net_shipping": "net_shipping",
    "tax_total": "tax_total",
    "discount_total": "discount_total",
}
# The columns of a line, as _STORED tells their amounts.
_OF_A_LINE = ("price_at_purchase", "line_total", "discount_total", "net_total", "tax_total")
_RULES = "SELECT rules FROM pricing_rules WHERE digest = %(digest)s"
_WITHOUT = """
SELECT count(*) FROM orders AS o WHERE (CAST(%(number)s AS bigint) IS NULL OR o.number = %(number)s)
AND NOT EXISTS (SELECT FROM order_pricing WHERE order_id = o.id)
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """An order that today's code prices otherwise: what differs, each with what is stored and what it is now."""

    number: int
    what: tuple[str, ...]


@dataclass(slots=True)
class Replay:
    """Goes through the orders, a batch at a time; afterwards it knows how many there were.

    `unpriced` are orders of before prices were explained, which have nothing to be counted from.
    """

    database: Database
    number: int | None = None
    replayed: int = 0
    unpriced: int = 0
    _rules: dict[bytes, tuple[Rule, ...]] = field(default_factory=dict)

    def differences(self) -> Iterator[Difference]:
        """The orders that differ, in the order in which they were placed. Refuses an unknown number (NOT_FOUND).

        Compared are the explanation and every amount that is stored beside it: those of the order, those of its lines,
        and what each discount took off, which nothing is any more when the order is cancelled. An order's facts that
        today's code cannot count at all differ too. Memory does not grow with the number of orders.
        """
        after = _FIRST_ID
        while True:
            with self.database.read(without_time_limit=True) as session:
                values = {"after": after, "number": self.number, "most": _BATCH}
                batch = run(session, _STORED, values).all()
                found = [(row, self._rules_of(session, bytes(row.rules_digest))) for row in batch]
                if len(batch) < _BATCH:
                    self.unpriced = run(session, _WITHOUT, {"number": self.number}).scalar_one()
            for row, rules in found:
                what = _compared(row, rules)
                if what:
                    yield Difference(row.number, tuple(what))
            self.replayed += len(batch)
            if len(batch) < _BATCH:
                break
            after = batch[-1].id
        if self.number is not None and not self.replayed + self.unpriced:
            raise NotFound("There is no order with this number.", field="order")

    def _rules_of(self, session: Session, digest: bytes) -> tuple[Rule, ...]:
        if digest not in self._rules:
            if len(self._rules) >= _MOST_RULES:
                self._rules.clear()
            self._rules[digest] = rules_of(run(session, _RULES, {"digest": digest}).scalar_one())
        return self._rules[digest]


def _compared(row: Any, rules: tuple[Rule, ...]) -> list[str]:
    try:
        priced = price(purchase_of(row.inputs, rules))
        return [
            *differences(row.explanation, priced),
            *_differing_amounts(row, priced),
            *_differing_lines(row.items, priced),
            *_differing_uses(row, priced),
        ]
    except (ArithmeticError, LookupError, TypeError, ValueError) as fault:
        return [f"cannot be counted today: {type(fault).__name__}: {fault}"]


def _differing_amounts(row: Any, priced: Priced) -> Iterator[str]:
    for column, name in _AMOUNTS.items():
        yield from _differing(f"order.{column}", getattr(row, column), getattr(priced, name), priced.total.currency)


def _differing_lines(items: Sequence[Sequence[Any]], priced: Priced) -> Iterator[str]:
    lines = priced.purchase.lines
    if len(items) != len(lines):
        yield f"order_items: {len(items)} stored, {len(lines)} now"
        return
    for place, ((quantity, *stored), line, counted) in enumerate(zip(items, lines, priced.lines, strict=True)):
        where = f"order_items[{place}]"
        if quantity != line.quantity:
            yield f"{where}.quantity: {quantity} stored, {line.quantity} now"
        now = (line.price, counted.total, counted.list_total - counted.total, counted.net, counted.tax)
        for column, amount, counted_now in zip(_OF_A_LINE, stored, now, strict=True):
            yield from _differing(f"{where}.{column}", parse_amount(amount), counted_now, priced.total.currency)


def _differing_uses(row: Any, priced: Priced) -> Iterator[str]:
    stored = {UUID(discount_id): parse_amount(amount) for discount_id, amount in row.uses}
    # Cancelling gave them back (moving.py).
    taken = () if row.status == OrderStatus.CANCELLED else priced.discounts
    now = {each.rule.id: each.amount for each in taken}
    for discount_id in sorted({*stored, *now}):
        where = f"discount_uses[{discount_id}].amount"
        yield from _differing(where, stored.get(discount_id), now.get(discount_id), priced.total.currency)


def _differing(where: str, stored: Decimal | None, now: Money | None, currency: str) -> Iterator[str]:
    counted = None if now is None else now.amount
    if stored != counted:
        yield f"{where}: {_shown(stored, currency)} stored, {_shown(counted, currency)} now"


def _shown(amount: Decimal | None, currency: str) -> Decimal | None:
    return rounded(amount, currency) if amount is not None and is_whole_coins(amount, currency) else amount
