"""Writes an order with its prices, and what they were counted from; reads the reasons back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from models.order import OrderStatus
from services.pricing.calculating.facts import Rule
from services.pricing.calculating.priced import Priced
from services.pricing.calculating.written import explanation_of, inputs_of, rules_text
from services.pricing.discounts.codes import GivenCode
from services.pricing.discounts.uses import NOTE, noted
from services.pricing.explanations import NO_SORTS, Explanation, Sort, read_explanation, unsorted
from utils.database import run
from utils.ids import new_id
from utils.prepared import run_prepared

# One statement and one journey for the order, its lines, the first step of its history, the discounts it uses, and what
# it was counted from. The last is left out, and 0 answered, when the rules are not kept yet: most orders are counted by
# rules that are, and do not send them.
_WRITE = f"""
WITH placed AS (
    INSERT INTO orders (id, customer_id, currency, total_amount, net_goods, net_shipping, tax_total, discount_total,
        region_code, status, created_at, updated_at)
    VALUES (%(id)s, %(customer_id)s, %(currency)s, %(total_amount)s, %(net_goods)s, %(net_shipping)s, %(tax_total)s,
        %(discount_total)s, %(region_code)s, %(status)s, %(moment)s, %(moment)s)
), step AS (
    INSERT INTO order_steps (order_id, status, actor_id, created_at)
    VALUES (%(id)s, %(status)s, %(actor_id)s, %(moment)s)
), items AS (
    INSERT INTO order_items (id, order_id, position, product_id, product_name, quantity, price_at_purchase, line_total,
        discount_total, net_total, tax_total)
    SELECT line.id, %(id)s, line.position, line.product_id, line.product_name, line.quantity, line.price, line.total,
        line.discount, line.net, line.tax
    FROM unnest(
        CAST(%(item_ids)s AS uuid[]), CAST(%(positions)s AS integer[]), CAST(%(product_ids)s AS uuid[]),
        CAST(%(names)s AS text[]), CAST(%(quantities)s AS integer[]), CAST(%(prices)s AS numeric[]),
        CAST(%(totals)s AS numeric[]), CAST(%(discounts)s AS numeric[]), CAST(%(nets)s AS numeric[]),
        CAST(%(taxes)s AS numeric[])
    ) AS line (id, position, product_id, product_name, quantity, price, total, discount, net, tax)
), explained AS (
    INSERT INTO order_pricing (order_id, rules_digest, inputs, explanation)
    SELECT %(id)s, digest, CAST(%(inputs)s AS jsonb), CAST(%(explanation)s AS jsonb)
    FROM pricing_rules WHERE digest = %(digest)s
    RETURNING order_id
), used AS ({NOTE})
SELECT count(*) FROM explained
"""  # noqa: S608 - of fixed parts
_WRITE_RULES = """
WITH rules AS (
    INSERT INTO pricing_rules (digest, rules, created_at) VALUES (%(digest)s, %(rules)s, %(moment)s)
    ON CONFLICT DO NOTHING
)
INSERT INTO order_pricing (order_id, rules_digest, inputs, explanation)
VALUES (%(id)s, %(digest)s, CAST(%(inputs)s AS jsonb), CAST(%(explanation)s AS jsonb))
"""
_EXPLANATIONS = """
SELECT order_id, rules_digest, CAST(explanation AS text) AS explanation FROM order_pricing
WHERE order_id = ANY(CAST(%(ids)s AS uuid[]))
"""
# Of texts that may be long, the few words that are needed.
_SORTS = """
SELECT r.digest, rule ->> 'id' AS id, rule ->> 'kind' AS kind, rule ->> 'applies_to' AS applies_to
FROM pricing_rules AS r CROSS JOIN LATERAL jsonb_array_elements(CAST(r.rules AS jsonb)) AS rule
WHERE r.digest = ANY(CAST(%(digests)s AS bytea[])) AND rule ->> 'id' = ANY(CAST(%(rules)s AS text[]))
"""


class _Written(NamedTuple):
    rules: tuple[Rule, ...]
    text: str
    digest: bytes


# The rules that this process wrote last: they are the same object until one of them changes (rules_now.py).
_last: dict[str, _Written] = {}


@dataclass(frozen=True, slots=True)
class Placed:
    """An order to be: its id, whose it is, and who places it."""

    id: UUID
    customer_id: UUID
    actor_id: UUID


def write_order(session: Session, placed: Placed, priced: Priced, *, codes: Mapping[UUID, GivenCode]) -> None:
    """Writes the order with the amounts that were counted, the reasons, and the facts they were counted from.

    `price_at_purchase` is the list price of a piece, `line_total` what the line costs after all discounts, as the
    region shows prices. Rules that many orders share are written once, under the digest of their text. `codes`: by the
    id of a discount, the code it was opened by; the uses were taken before (uses.take_uses).
    """
    purchase = priced.purchase
    rules = _written(purchase.rules)
    values = {
        **_order_values(placed, priced),
        **_line_values(priced),
        **noted(priced.discounts, codes),
        "digest": rules.digest,
        "inputs": _json(inputs_of(purchase)),
        "explanation": _json(explanation_of(priced)),
    }
    if not run_prepared(session, _WRITE, values).scalar_one():
        run(session, _WRITE_RULES, {**values, "rules": rules.text})


def list_explanations(session: Session, order_ids: Collection[UUID], *, in_full: bool) -> dict[UUID, Explanation]:
    """Why these orders cost what they do, by their ids; nothing for orders of before prices were explained.

    Without `in_full` it leaves out what only staff may know (`read_explanation`). One statement, and another one where
    orders of before that was kept tell near misses.
    """
    rows = run(session, _EXPLANATIONS, {"ids": [str(each) for each in order_ids]}).all()
    kept = [(row.order_id, bytes(row.rules_digest), orjson.loads(row.explanation)) for row in rows]
    sorts = _sorts(session, [(digest, each) for _, digest, each in kept])
    return {
        order_id: read_explanation(each, in_full=in_full, sorts=sorts.get(digest, NO_SORTS))
        for order_id, digest, each in kept
    }


def _sorts(session: Session, kept: Iterable[tuple[bytes, Any]]) -> Mapping[bytes, Mapping[str, Sort]]:
    """By the digests of rules, and their ids: of what sort those are whose near misses do not say so."""
    wanted = {(digest, rule) for digest, explanation in kept for rule in unsorted(explanation)}
    found: dict[bytes, dict[str, Sort]] = {}
    if wanted:
        values = {"digests": [digest for digest, _ in wanted], "rules": [rule for _, rule in wanted]}
        for each in run(session, _SORTS, values):
            found.setdefault(bytes(each.digest), {})[each.id] = Sort(each.kind, each.applies_to)
    return found


def _written(rules: tuple[Rule, ...]) -> _Written:
    last = _last.get("rules")
    if last is None or last.rules is not rules:
        text = rules_text(rules)
        last = _last["rules"] = _Written(rules, text, sha256(text.encode()).digest())
    return last


def _order_values(placed: Placed, priced: Priced) -> Mapping[str, Any]:
    return {
        "id": placed.id,
        "customer_id": placed.customer_id,
        "actor_id": placed.actor_id,
        "status": OrderStatus.PENDING.value,
        # The prices are those of this moment.
        "moment": priced.purchase.moment,
        "region_code": priced.purchase.region.code,
        "currency": priced.purchase.region.currency,
        "total_amount": priced.total.amount,
        "net_goods": priced.net_goods.amount,
        "net_shipping": priced.net_shipping.amount,
        "tax_total": priced.tax_total.amount,
        "discount_total": priced.discount_total.amount,
    }


def _line_values(priced: Priced) -> Mapping[str, Sequence[Any]]:
    lines, counted = priced.purchase.lines, priced.lines
    return {
        "item_ids": [str(new_id()) for _ in lines],
        "positions": list(range(len(lines))),
        "product_ids": [str(line.product_id) for line in lines],
        "names": [line.name for line in lines],
        "quantities": [line.quantity for line in lines],
        "prices": [line.price.amount for line in lines],
        "totals": [each.total.amount for each in counted],
        "discounts": [(each.list_total - each.total).amount for each in counted],
        "nets": [each.net.amount for each in counted],
        "taxes": [each.tax.amount for each in counted],
    }


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
