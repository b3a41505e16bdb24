"""Discounts in tests: put into the tables themselves, with orders that use them, and what requests are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Discount, DiscountCode, DiscountCustomer, DiscountCustomerUse, DiscountUse, Order
from models.discount import DiscountClass, DiscountKind
from services.catalogue.changes import announce, announce_everything
from services.catalogue.reader import Reader, reading
from services.pricing.calculating.facts import Customer, Rule
from services.pricing.calculating.priced import AppliedDiscount
from services.pricing.discounts.active import active_rules
from services.pricing.discounts.codes import GivenCode
from services.pricing.discounts.customers import customer_facts
from services.pricing.discounts.rules_now import HEADS, rules_of_heads
from services.pricing.discounts.uses import NOTE, give_back_uses, noted, take_uses
from services.pricing.tags import customer_tag
from tests.support import ALICE
from utils import clock
from utils.database import run
from utils.money import Money
from wiring import Shop

_TEN_PERCENT: dict[str, Any] = {"kind": "percent", "applies_to": "product", "percent": "10", "all_goods": True}


def offer(
    shop: Shop, *, codes: Mapping[str, int | None] | None = None, named: Sequence[UUID] = (), **more: Any
) -> UUID:
    """A discount of ten percent off all goods, or as `more` says; `codes`: each with the limit of its own uses."""
    with shop.database.write() as session:
        made = Discount(**{"name": "Ten percent", **_TEN_PERCENT, "updated_at": clock.now(), **more})
        session.add(made)
        session.flush()
        session.add_all(DiscountCustomer(discount_id=made.id, customer_id=each) for each in named)
        for code, use_limit in (codes or {}).items():
            session.add(DiscountCode(discount_id=made.id, code=code, use_limit=use_limit))
        announce_everything(session, shop.cache)
    return made.id


def order_of(session: Session, customer_id: UUID = ALICE, status: str = "pending") -> UUID:
    """The row of an order of nothing."""
    parts = ("total_amount", "net_goods", "net_shipping", "tax_total", "discount_total")
    made = Order(
        customer_id=customer_id, currency="USD", status=status, updated_at=clock.now(), **dict.fromkeys(parts, 0)
    )
    session.add(made)
    session.flush()
    return made.id


def take(
    shop: Shop, *discounts: UUID, customer: UUID = ALICE, codes: Mapping[UUID, str] | None = None
) -> UUID | list[UUID]:
    """An order that uses these discounts, in a transaction of its own: its id, or which had no use left.

    As the shop does it; without uses the transaction is committed with nothing in it.
    """
    with shop.database.write() as session:
        reduced = [applied(session, each) for each in discounts]
        given_codes = {each: given(session, code) for each, code in (codes or {}).items()}
        taken = take_uses(
            session,
            customer_id=customer,
            applied=reduced,
            codes=given_codes,
            limited=limited(session, discounts),
        )
        assert not taken.is_stale
        if taken.short:
            return list(taken.short)
        order_id = order_of(session, customer)
        note(session, order_id, customer, reduced, given_codes)
        announce(session, shop.cache, also=[customer_tag(customer), *taken.tags])
        return order_id


def note(
    session: Session,
    order_id: UUID,
    customer_id: UUID,
    reduced: Sequence[AppliedDiscount],
    codes: Mapping[UUID, GivenCode],
) -> None:
    """The rows of the uses, as they are written with an order."""
    order = {"id": order_id, "customer_id": customer_id, "moment": clock.now()}
    run(session, NOTE, {**order, **noted(reduced, codes)})


def give_back(shop: Shop, order_id: UUID) -> None:
    """What cancelling the order gives back, in a transaction of its own."""
    with shop.database.write() as session:
        session.get_one(Order, order_id, with_for_update=True).status = "cancelled"
        session.flush()
        give_back_uses(session, shop.cache, order_id=order_id)


def applied(session: Session, discount_id: UUID) -> AppliedDiscount:
    """That the discount took 1.50 off."""
    row = session.get_one(Discount, discount_id)
    rule = Rule(
        id=row.id,
        version=row.version,
        name=row.name,
        kind=DiscountKind(row.kind),
        applies_to=DiscountClass(row.applies_to),
        first_order_only=row.first_order_only,
        per_customer_limit=row.per_customer_limit,
    )
    return AppliedDiscount(rule, Money.of_coins(150, "USD"))


def given(session: Session, code: str) -> GivenCode:
    """A code of the table, as somebody gave it."""
    row = session.scalars(select(DiscountCode).where(DiscountCode.code == code)).one()
    return GivenCode(row.id, row.code, is_limited=row.use_limit is not None)


def limited(session: Session, discounts: Sequence[UUID]) -> set[UUID]:
    """Which of them have a total limit."""
    chosen = select(Discount.id).where(Discount.id.in_(discounts), Discount.total_limit.is_not(None))
    return set(session.scalars(chosen))


def uses(shop: Shop, discount_id: UUID) -> tuple[int, dict[UUID, int], int]:
    """How often the discount was used, by how the tables count: in total, by customer, and by orders."""
    with shop.database.read() as session:
        total = session.scalars(select(Discount.used_count).where(Discount.id == discount_id)).one()
        own = select(DiscountCustomerUse).where(DiscountCustomerUse.discount_id == discount_id)
        by_customer = {row.customer_id: row.used_count for row in session.scalars(own)}
        orders = len(session.scalars(select(DiscountUse).where(DiscountUse.discount_id == discount_id)).all())
    return total, by_customer, orders


def shown_rules(shop: Shop, time_zone: str = "UTC") -> dict[UUID, Rule]:
    """The rules as a request that begins now is told of them, by their ids."""
    with shop.database.read() as session:
        return {rule.id: rule for rule in active_rules(reading(session, shop.cache), time_zone=time_zone)}


def shown_customer(shop: Shop, customer_id: UUID | None = ALICE) -> Customer:
    """The customer as a request that begins now is told."""
    with shop.database.read() as session:
        return customer_facts(reading(session, shop.cache), customer_id)


def active_rules_now(session: Session, *, moment: datetime) -> tuple[Rule, ...]:
    """The rules as an order's transaction is told of them at this moment."""
    heads = run(session, HEADS, {"now": moment}).scalar_one()
    return rules_of_heads(session, heads, moment=moment).rules


def reader_of_rules(shop: Shop, time_zone: str = "UTC") -> Reader:
    """The reader of a request that asked for the rules; it knows how long what is made of them holds."""
    with shop.database.read() as session:
        reader = reading(session, shop.cache)
        active_rules(reader, time_zone=time_zone)
        return reader
