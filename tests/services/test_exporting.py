"""The copy of one's data: all of it, nobody else's, and nothing that opens a door."""

import tracemalloc
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text, update

from models import Base, Order, StaffInvitation, User
from models.audit_entry import AuditAction
from models.user import Role
from services.accounts import audit
from services.accounts.exporting import export_account
from services.orders.exporting import export_orders
from services.pricing.exporting import export_pricing
from tests.services.acting import place
from tests.services.belongings import columns_that_name_accounts, personal_columns, plant
from tests.services.discounted import rewarded
from tests.services.evidence import nothing_changed
from tests.support import ALICE, BOB, DANA, actor_for
from utils import clock
from utils.errors import Unauthenticated
from wiring import Shop

Counted = Callable[[], AbstractContextManager[list[str]]]

# Where each table that belongs to a person stands in the export.
SECTIONS = {
    "users": "account",
    "addresses": "addresses",
    "user_sessions": "sessions",
    "staff_memberships": "departments",
    "staff_invitations": "invitations",
    "account_links": "links",
    "idempotency_keys": "idempotencyKeys",
    "audit_entries": "auditLog",
    "orders": "orders",
    "order_items": "orders.items",
    "order_steps": "orders.history",
    "discount_uses": "orders.discounts",
    "customer_tiers": "tier",
    "tier_changes": "tierChanges",
    "discount_customers": "discountsForYou",
    "discount_customer_uses": "discountUses",
}
# Columns of these tables that the person does not get, and why.
KEPT_BACK = {
    "users.password_hash": "opens a door to who tries passwords on it",
    "addresses.user_id": "the account's id, which stands above",
    "user_sessions.user_id": "the account's id",
    "staff_memberships.user_id": "the account's id",
    "staff_invitations.invited_by": "another person; one's own invitations stand in invitationsSent",
    "account_links.id": "a link's token is made of it",
    "account_links.user_id": "the account's id",
    "idempotency_keys.caller": "the account's id",
    "idempotency_keys.arguments_hash": "a digest of what was sent, which says nothing to a person",
    "audit_entries.subject_type": "the first word of the action",
    "customer_tiers.customer_id": "the account's id",
    "tier_changes.id": "they stand in this order",
    "tier_changes.customer_id": "the account's id",
    "discount_customers.customer_id": "the account's id",
    "discount_customer_uses.customer_id": "the account's id",
    "discount_uses.order_id": "stands within its order",
    "discount_uses.customer_id": "the account's id",
    "discount_uses.code_id": "the code itself stands there",
    "order_items.order_id": "stands within its order",
    "order_items.position": "they stand in this order",
    "order_steps.id": "they stand in this order",
    "order_steps.order_id": "stands within its order",
    "order_steps.actor_id": "byYou tells whether it was this person, and nobody learns who else it was",
}
# Personal values of tables that are not in the export.
ELSEWHERE = {
    "refresh_tokens.token_hash": "opens a door",
    "outbox_events.last_error": "a letter that is still to be sent; it goes when the letter goes",
}
# Where an account's id stands: the section that tells it.
TOLD_IN = {
    "account_links.user_id": "links",
    "addresses.user_id": "addresses",
    "staff_memberships.user_id": "departments",
    "user_sessions.user_id": "sessions",
    "staff_invitations.invited_by": "invitationsSent",
    "customer_tiers.customer_id": "tier",
    "tier_changes.customer_id": "tierChanges",
    "discount_customers.customer_id": "discountsForYou",
    "discount_customer_uses.customer_id": "discountUses",
    "discount_uses.customer_id": "orders",
    "orders.customer_id": "orders",
    "order_steps.actor_id": "orders",
    "audit_entries.actor_id": "auditLog",
    "audit_entries.subject_id": "auditLog",
}
NOT_TOLD = {
    "images.uploaded_by": "an act of staff, which stands in the audit log",
    "stock_movements.actor_id": "the shop's books: a customer's stand in the orders, staff's acts in the audit log",
    "import_jobs.actor_id": "the shop's files: staff's acts stand in the audit log",
    "price_changes.actor_id": "the shop's books: staff's acts stand in the audit log",
    "scheduled_prices.created_by": "the same",
    "discounts.created_by": "the same",
    "discount_codes.created_by": "the same",
    "tax_rates.created_by": "the same",
}


def export(shop: Shop, who: str = "alice") -> dict[str, Any]:
    """What the person gets, as it comes out of the answer."""
    actor = actor_for(shop, who)
    with shop.database.write() as session:
        held = export_account(session, actor=actor) | export_pricing(session, customer_id=actor.id)
        held["orders"] = export_orders(session, customer_id=actor.id)
    parsed: dict[str, Any] = orjson.loads(orjson.dumps(held))
    return parsed


def in_schema(name: str) -> str:
    """createdAt for created_at."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_every_column_of_a_persons_tables_is_exported_or_kept_back_for_a_reason(
    shop: Shop, product: Callable[..., UUID]
) -> None:
    # given
    with shop.database.write() as session:
        plant(session, ALICE)
    rewarded(shop, place(shop, "alice", (product(), 1)))
    # when
    held = export(shop)
    # then
    missing = []
    for table, section in SECTIONS.items():
        found: Any = held
        for name in section.split("."):
            found = found[name] if isinstance(found, dict) else found[0][name]
        shown = found if isinstance(found, dict) else found[0]
        columns = {f"{table}.{column.name}": column.name for column in Base.metadata.tables[table].columns}
        missing += [each for each, name in columns.items() if in_schema(name) not in shown and each not in KEPT_BACK]
        assert not [each for each, name in columns.items() if each in KEPT_BACK and in_schema(name) in shown]
    assert missing == []


def test_every_personal_value_is_exported_or_kept_back_for_a_reason(shop: Shop) -> None:
    # given
    with shop.database.write() as session:
        planted = plant(session, ALICE)
    assert set(planted.values) == personal_columns()
    # when
    told = str(export(shop))
    # then
    hidden = {column for column, value in planted.values.items() if str(value) not in told}
    assert hidden == {each for each in {**KEPT_BACK, **ELSEWHERE} if each in planted.values}


def test_every_id_that_names_an_account_leads_into_the_export(shop: Shop, product: Callable[..., UUID]) -> None:
    with shop.database.write() as session:
        plant(session, ALICE)
    rewarded(shop, place(shop, "alice", (product(), 1)))
    held = export(shop)

    assert set(TOLD_IN) | set(NOT_TOLD) == columns_that_name_accounts()
    assert [section for section in {*TOLD_IN.values()} if not held[section]] == []


def test_an_export_holds_the_orders_with_exact_amounts(shop: Shop, product: Callable[..., UUID]) -> None:
    # given
    tea, yen = product(name="Tea", price="2.10"), product(name="Sushi", price="500")
    first = place(shop, "alice", (tea, 3), (product(name="Pot", price="0.05"), 1))
    second = place(shop, "dana", (yen, 2), customer=ALICE)
    with shop.database.write() as session:
        session.execute(update(Order).where(Order.id == second).values(currency="JPY"))
    place(shop, "bob", (tea, 1))
    # when
    orders = export(shop)["orders"]
    # then
    assert [each["id"] for each in orders] == [str(first), str(second)]
    assert [(each["totalAmount"], each["currency"]) for each in orders] == [("6.35", "USD"), ("1000", "JPY")]
    assert [
        (each["productName"], each["quantity"], each["priceAtPurchase"], each["lineTotal"])
        for each in orders[0]["items"]
    ] == [
        ("Tea", 3, "2.10", "6.30"),
        ("Pot", 1, "0.05", "0.05"),
    ]
    assert [[(each["status"], each["byYou"]) for each in order["history"]] for order in orders] == [
        [("pending", True)],
        [("pending", False)],
    ]


def test_an_export_holds_the_tier_and_what_discounts_know(shop: Shop, product: Callable[..., UUID]) -> None:
    # given
    order = place(shop, "alice", (product(price="10.00"), 2))
    discount = rewarded(shop, order)
    # when
    held = export(shop)
    # then
    [told] = held["orders"]
    assert (told["discounts"][0]["discountId"], told["discounts"][0]["name"]) == (str(discount), "Thanks")
    assert (told["discounts"][0]["code"], told["discounts"][0]["amount"]) == ("THANKS", "1.50")
    names = ("netGoods", "netShipping", "taxTotal", "discountTotal")
    assert [told[name] for name in names] == ["20.00", "0.00", "0.00", "0.00"]
    line = told["items"][0]
    assert [line[name] for name in ("discountTotal", "netTotal", "taxTotal")] == ["0.00", "20.00", "0.00"]
    assert told["pricedFor"]["id"] == str(ALICE)
    assert held["tier"] == [{"tier": "silver", "successfulOrders": 21}]
    moment = held["tierChanges"][0].pop("createdAt")
    assert moment.startswith("20")
    assert held["tierChanges"] == [{"before": "bronze", "after": "silver", "successfulOrders": 21, "reason": "order"}]
    assert held["discountsForYou"] == [{"discountId": str(discount), "name": "Thanks"}]
    assert held["discountUses"] == [{"discountId": str(discount), "name": "Thanks", "usedCount": 1}]
    # and of others there is nothing
    bobs = export(shop, "bob")
    assert [bobs[name] for name in ("tier", "tierChanges", "discountsForYou", "discountUses", "orders")] == [[]] * 5


def test_nobody_gets_anything_of_another_person(shop: Shop, product: Callable[..., UUID]) -> None:
    # given
    with shop.database.write() as session:
        planted = plant(session, ALICE)
    place(shop, "alice", (product(), 1))
    # when
    told = str(export(shop, "bob"))
    # then
    assert [column for column, value in planted.values.items() if str(value) in told] == []
    assert str(ALICE) not in told
    assert str(BOB) in told


def test_who_has_not_proven_the_address_does_not_learn_who_invited_it(shop: Shop) -> None:
    with shop.database.write() as session:
        plant(session, ALICE)
        session.add(
            StaffInvitation(
                email=session.get_one(User, BOB).email,
                role=Role.ADMIN,
                departments=[],
                rights=[],
                invited_by=DANA,
                expires_at=clock.now() + timedelta(days=1),
            )
        )
        session.get_one(User, BOB).email_verified_at = clock.now()
    assert [each["role"] for each in export(shop, "bob")["invitations"]] == ["admin"]
    with shop.database.write() as session:
        session.get_one(User, BOB).email_verified_at = None
    assert export(shop, "bob")["invitations"] == []


def test_an_export_tells_what_others_did_to_the_account(shop: Shop) -> None:
    with shop.database.write() as session:
        audit.note(session, AuditAction.STAFF_CHANGED, BOB, actor_id=DANA, after={"rights": ["read"]})
        audit.note(session, AuditAction.STAFF_CHANGED, ALICE, actor_id=DANA)
    log = export(shop, "bob")["auditLog"]

    assert [(each["action"], each["subjectId"], each["actorId"], each["after"]) for each in log] == [
        ("staff.changed", str(BOB), str(DANA), {"rights": ["read"]}),
        ("account.data_exported", str(BOB), str(BOB), None),
    ]


_MANY_OF_EACH = (
    """INSERT INTO user_sessions (id, user_id, created_at, last_used_at, expires_at)
    SELECT {id}, :me, {moment}, {moment}, '2031-01-01' FROM generate_series(1, 1002) AS at""",
    """INSERT INTO staff_invitations (id, role, departments, rights, invited_by, created_at, expires_at, withdrawn_at)
    SELECT {id}, 'staff', '{{}}', '{{}}', :me, {moment}, {moment}, {moment} FROM generate_series(1, 1002) AS at""",
    """INSERT INTO account_links (id, user_id, purpose, email, created_at, expires_at)
    SELECT {id}, :me, 'verification', 'at' || at, {moment}, {moment} FROM generate_series(1, 1002) AS at""",
    """INSERT INTO idempotency_keys (caller, key, field, arguments_hash, result_id, created_at)
    SELECT CAST(:me AS text), 'key ' || at, 'createOrder', '', {id}, {moment} FROM generate_series(1, 1002) AS at""",
    """INSERT INTO audit_entries (id, actor_id, subject_id, subject_type, action, created_at)
    SELECT {id}, CASE WHEN at % 2 = 0 THEN CAST(:me AS uuid) END, CASE WHEN at % 3 <> 1 THEN CAST(:me AS uuid) END,
    'account', 'session.opened', {moment} FROM generate_series(1, 1502) AS at""",
)
_ID = "CAST('00000000-0000-7000-8000-' || lpad(CAST(at AS text), 12, '0') AS uuid)"
_MOMENT = "TIMESTAMPTZ '2030-01-01 00:00:00Z' + at * INTERVAL '1 second'"


def test_of_what_grows_without_end_the_newest_thousand_are_exported_and_all_counted(shop: Shop) -> None:
    # given more of each than are told, and the oldest session as it was
    with shop.database.write() as session:
        for statement in _MANY_OF_EACH:
            written = statement.format(id=_ID, moment=_MOMENT)
            session.execute(text(written), {"me": str(ALICE)})
    of_alice = [at for at in range(1, 1503) if at % 2 == 0 or at % 3 != 1]
    # when
    held = export(shop)
    # then
    assert held["totals"] == {
        "sessions": 1003,
        "invitationsSent": 1002,
        "links": 1002,
        "idempotencyKeys": 1002,
        "auditLog": len(of_alice) + 1,
    }
    for section in ("sessions", "invitationsSent"):
        assert [int(each["id"][-12:]) for each in held[section]] == [*range(3, 1003)]
    assert [each["email"] for each in held["links"]] == [f"at{at}" for at in range(3, 1003)]
    assert [each["key"] for each in held["idempotencyKeys"]] == [f"key {at}" for at in range(3, 1003)]
    # with the entry of this export, whose id is of now, as the last
    assert [int(each["id"][-12:]) for each in held["auditLog"][:-1]] == of_alice[-999:]
    assert held["auditLog"][-1]["action"] == AuditAction.DATA_EXPORTED
    assert not [each for name in held["totals"] for each in held[name] if "total" in each]


def test_a_deleted_account_exports_nothing(shop: Shop) -> None:
    with shop.database.write() as session:
        session.get_one(User, ALICE).deleted_at = clock.now()

    with nothing_changed(shop.database), pytest.raises(Unauthenticated):
        export(shop)


def test_ten_thousand_orders_are_four_statements_and_some_memory(
    shop: Shop, product: Callable[..., UUID], counted_sql: Counted
) -> None:
    # given
    place(shop, "alice", (product(), 1), (product(), 1))
    with shop.database.write() as session:
        # Making them is no part of what is tested, and slow beside other tests.
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text(_MANY), {"customer": ALICE, "count": 9_999})
        session.execute(text(_MANY_LINES))
        session.execute(text(_MANY_STEPS))
    # when
    tracemalloc.start()
    with counted_sql() as statements, shop.database.write() as session:
        orders = export_orders(session, customer_id=ALICE)
        largest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # then
    assert (len(statements), len(orders)) == (4, 10_000)
    assert {(len(each["items"]), len(each["history"])) for each in orders} == {(2, 1)}
    assert largest / 10_000 < 6_000


_MANY = """
INSERT INTO orders (id, customer_id, currency, total_amount, net_goods, net_shipping, tax_total, discount_total,
    status, created_at, updated_at)
SELECT gen_random_uuid(), CAST(:customer AS uuid), 'USD', 20, 20, 0, 0, 0, 'pending', created_at, created_at
FROM orders, generate_series(1, :count)
"""
_MANY_LINES = """
INSERT INTO order_items (id, order_id, position, product_id, product_name, quantity, price_at_purchase, line_total,
    discount_total, net_total, tax_total)
SELECT gen_random_uuid(), orders.id, position, product_id, product_name, quantity, price_at_purchase, line_total,
    0, line_total, 0
FROM order_items, orders WHERE orders.id NOT IN (SELECT order_id FROM order_items)
"""
_MANY_STEPS = """
INSERT INTO order_steps (order_id, status, actor_id, created_at)
SELECT id, status, customer_id, created_at FROM orders WHERE id NOT IN (SELECT order_id FROM order_steps)
"""
