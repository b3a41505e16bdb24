"""The audit log: written with the act or not at all, never changed, and found again by what is asked."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from models import AuditEntry
from models.audit_entry import AuditAction
from models.product import ProductStatus
from services.accounts import audit
from services.accounts.audit import AuditQuery, list_entries
from tests.services.acting import category_id, change, place, remove
from tests.services.evidence import nothing_changed
from tests.services.hiring import entries
from tests.support import ALICE, BOB, DANA, SAM
from utils import clock, log
from utils.cursors import cursor_of
from utils.errors import DomainError, Forbidden, InvalidInput
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def noted(
    shop: Shop, action: AuditAction = AuditAction.LOGGED_IN, *, subject: UUID | None = ALICE, actor: UUID | None = DANA
) -> UUID:
    """Writes an entry and returns its id."""
    with shop.database.write() as session:
        audit.note(session, action, subject, actor_id=actor)
    return entries(shop.database)[-1].id


def found(shop: Shop, **wanted: Any) -> list[UUID]:
    """The ids on one long page."""
    with shop.database.read() as session:
        return [each.id for each in list_entries(session, AuditQuery(first=100, **wanted)).entries]


def last(shop: Shop) -> tuple[str, UUID | None, UUID | None, object, object]:
    """The newest entry: action, subject, actor, before, after."""
    entry = entries(shop.database)[-1]
    return entry.action, entry.subject_id, entry.actor_id, entry.before, entry.after


def test_a_new_product_is_noted_as_it_began(shop: Shop, product: Make) -> None:
    tea = product(name="Tea", price="2.50", stock=3, category="fruit")
    assert last(shop) == (
        "product.created",
        tea,
        DANA,
        None,
        {
            "name": "Tea",
            "description": "",
            "unit": "each",
            "price": "2.5",
            "stock_count": 3,
            "status": "published",
            "category_id": str(category_id(shop, "fruit")),
            "slug": "tea",
            "sku": None,
            "barcode": None,
            "brand_id": None,
            "tags": [],
            "tax_class": "standard",
            "content_amount": None,
            "content_unit": None,
            "publish_from": None,
            "publish_until": None,
            "family_id": None,
            "option_values": [],
            "low_stock_at": None,
        },
    )


@pytest.mark.parametrize(
    ("wanted", "before", "after"),
    [
        ({"price": Decimal("3.10")}, {"price": "10"}, {"price": "3.1"}),
        ({"price": Decimal("10")}, {}, {}),
        ({"stock_count": 4}, {"stock_count": 10}, {"stock_count": 4}),
        ({"name": "Coffee"}, {"name": "Tea"}, {"name": "Coffee"}),
        (
            {"description": "Hot.", "unit": "1 l"},
            {"description": "", "unit": "each"},
            {"description": "Hot.", "unit": "1 l"},
        ),
        ({"stock_count": 10, "name": "Tea"}, {}, {}),
    ],
)
def test_a_changed_product_is_noted_with_what_changed(
    shop: Shop, product: Make, wanted: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    tea = product(name="Tea")
    change(shop, "sam", tea, **wanted)
    assert last(shop) == ("product.changed", tea, SAM, before, after)


def test_a_move_withdrawal_and_return_are_noted(shop: Shop, product: Make) -> None:
    tea = product(category="fruit")
    fruit, cheese = (str(category_id(shop, slug)) for slug in ("fruit", "cheese"))
    change(shop, "dana", tea, category_id=UUID(cheese))
    assert last(shop) == ("product.changed", tea, DANA, {"category_id": fruit}, {"category_id": cheese})
    change(shop, "dana", tea, status=ProductStatus.WITHDRAWN)
    assert last(shop) == ("product.withdrawn", tea, DANA, {"status": "published"}, {"status": "withdrawn"})
    change(shop, "dana", tea, status=ProductStatus.PUBLISHED)
    assert last(shop) == ("product.changed", tea, DANA, {"status": "withdrawn"}, {"status": "published"})


def test_a_removed_product_is_noted_as_it_was_and_an_ordered_one_as_withdrawn(shop: Shop, product: Make) -> None:
    tea, ordered = product(name="Tea", stock=1), product()
    place(shop, "alice", (ordered, 1))
    remove(shop, "sam", tea)
    action, subject, actor, before, after = last(shop)
    assert (action, subject, actor, after) == ("product.removed", tea, SAM, None)
    assert isinstance(before, dict)
    assert (before["name"], before["price"], before["stock_count"]) == ("Tea", "10", 1)
    remove(shop, "sam", ordered)
    assert last(shop) == ("product.withdrawn", ordered, SAM, {"status": "published"}, {"status": "withdrawn"})


def test_an_order_for_a_customer_is_noted_and_ones_own_is_not(shop: Shop, product: Make) -> None:
    tea = product()
    before = len(entries(shop.database))
    place(shop, "alice", (tea, 1))
    place(shop, "sam", (tea, 1), customer=SAM)
    assert len(entries(shop.database)) == before
    order = place(shop, "sam", (tea, 1), customer=BOB)
    assert last(shop) == ("order.placed_for_customer", order, SAM, None, {"customer_id": str(BOB)})


def test_a_refused_act_leaves_no_entry(shop: Shop, product: Make) -> None:
    fruit = product(category="fruit")
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        change(shop, "sam", fruit, price=Decimal(1))


def test_an_act_that_fails_after_its_entry_leaves_none(shop: Shop) -> None:
    def act() -> None:
        with shop.database.write() as session:
            audit.note(session, AuditAction.PRODUCT_CHANGED, ALICE, actor_id=DANA)
            raise Forbidden("No.")

    with nothing_changed(shop.database), pytest.raises(Forbidden):
        act()


def test_every_entry_says_of_what_its_subject_is(shop: Shop) -> None:
    for action in AuditAction:
        noted(shop, action)
    said = {row.action: row.subject_type for row in entries(shop.database)}
    assert {action: kind for action, kind in said.items() if not action.startswith(f"{kind}.")} == {
        "session.opened": "account",
        "session.refused": "account",
        "session.ended": "account",
        "session.all_ended": "account",
        "session.token_replayed": "account",
        "staff.created": "account",
        "staff.invited": "invitation",
        "staff.invitation_withdrawn": "invitation",
        "staff.invitation_accepted": "account",
        "staff.changed": "account",
        "staff.removed": "account",
    }


def test_an_entry_carries_the_request(shop: Shop) -> None:
    log.bind_request("request-1")
    noted(shop)
    assert entries(shop.database)[-1].request_id == "request-1"


@pytest.mark.parametrize(
    "act",
    [
        lambda session: session.execute(text("UPDATE audit_entries SET action = 'x'")),
        lambda session: session.execute(text("DELETE FROM audit_entries")),
        lambda session: session.execute(text("TRUNCATE audit_entries")),
        lambda session: session.execute(update(AuditEntry).values(actor_id=None)),
        lambda session: session.execute(delete(AuditEntry)),
        lambda session: session.delete(session.query(AuditEntry).first()),
        lambda session: setattr(session.query(AuditEntry).first(), "after", {"nothing": "happened"}),
    ],
)
def test_the_database_changes_and_deletes_no_entry(shop: Shop, act: Callable[[Any], object]) -> None:
    noted(shop)
    with (
        nothing_changed(shop.database),
        pytest.raises(DBAPIError, match="append-only"),
        shop.database.write() as session,
    ):
        act(session)


@pytest.fixture
def log_of_four(shop: Shop) -> Sequence[UUID]:
    """Four entries, the oldest first."""
    return [
        noted(shop, AuditAction.LOGGED_IN, subject=ALICE, actor=ALICE),
        noted(shop, AuditAction.LOGIN_FAILED, subject=None, actor=None),
        noted(shop, AuditAction.STAFF_CHANGED, subject=SAM, actor=DANA),
        noted(shop, AuditAction.STAFF_REMOVED, subject=SAM, actor=DANA),
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [3, 2, 1, 0]),
        ({"actor_id": DANA}, [3, 2]),
        ({"actor_id": BOB}, []),
        ({"subject_id": ALICE}, [0]),
        ({"subject_type": "account"}, [3, 2, 1, 0]),
        ({"subject_type": "invitation"}, []),
        ({"subject_type": "nothing"}, []),
        ({"action": AuditAction.STAFF_CHANGED}, [2]),
        ({"actor_id": DANA, "action": AuditAction.STAFF_REMOVED, "subject_id": SAM, "subject_type": "account"}, [3]),
        ({"actor_id": ALICE, "action": AuditAction.STAFF_REMOVED}, []),
    ],
)
def test_entries_are_found_by_what_they_say(
    shop: Shop, log_of_four: Sequence[UUID], wanted: dict[str, Any], expected: list[int]
) -> None:
    assert found(shop, **wanted) == [log_of_four[each] for each in expected]


def test_entries_are_found_by_their_time_to_the_microsecond(shop: Shop, log_of_four: Sequence[UUID]) -> None:
    first, second, third, fourth = (each.created_at for each in entries(shop.database))
    assert found(shop, since=second) == [log_of_four[each] for each in (3, 2, 1)]
    assert found(shop, until=second) == [log_of_four[each] for each in (1, 0)]
    assert found(shop, since=second, until=third) == [log_of_four[each] for each in (2, 1)]
    assert found(shop, since=fourth + timedelta(microseconds=1)) == []
    assert found(shop, until=first - timedelta(microseconds=1)) == []
    # the same moment in another place of the world
    assert found(shop, since=second.astimezone(timezone(timedelta(hours=-9)))) == found(shop, since=second)
    # all time there is
    assert found(shop, since=datetime(1, 1, 2, tzinfo=UTC), until=datetime(9999, 12, 30, tzinfo=UTC)) == found(shop)


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5])
def test_the_pages_hold_every_entry_once(shop: Shop, log_of_four: Sequence[UUID], first: int) -> None:
    seen: list[UUID] = []
    after = None
    while True:
        query = AuditQuery(first=first, after=after, since=clock.now() - timedelta(hours=1))
        with shop.database.read() as session:
            page = list_entries(session, query)
        seen += [each.id for each in page.entries]
        if not page.has_next:
            break
        after = query.cursor(page.entries[-1])
        noted(shop)  # what comes in between stands before the pages that follow
    assert seen == list(reversed(log_of_four))


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"first": 0}, "first"),
        ({"first": 101}, "first"),
        ({"after": "x"}, "after"),
        ({"after": cursor_of("users", clock.now(), new_id())}, "after"),
        ({"after": cursor_of("auditLog", "x")}, "after"),
        ({"since": datetime(2026, 1, 1)}, "from"),  # noqa: DTZ001 - the offset that is not there is the point
        ({"until": datetime(2026, 1, 1)}, "until"),  # noqa: DTZ001
        ({"since": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9)))}, "from"),
        ({"since": datetime(2026, 1, 2, tzinfo=UTC), "until": datetime(2026, 1, 1, tzinfo=UTC)}, "from"),
    ],
)
def test_bad_queries_are_refused(wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        AuditQuery(**wanted)
    assert isinstance(refused.value, DomainError)
    assert refused.value.details["field"] == field


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "pk_audit_entries"),
        ({"actor_id": DANA}, "ix_audit_entries_actor_id"),
        ({"subject_id": SAM}, "ix_audit_entries_subject_id"),
        ({"action": AuditAction.STAFF_CHANGED}, "ix_audit_entries_action"),
        ({"since": datetime(2026, 1, 1, tzinfo=UTC), "until": datetime(2026, 1, 2, tzinfo=UTC)}, "pk_audit_entries"),
    ],
)
def test_every_filter_has_an_index(shop: Shop, wanted: dict[str, Any], index: str) -> None:
    # given a log so long that reading all of it would be slower
    fill = """
    INSERT INTO audit_entries (id, created_at, actor_id, action, subject_type, subject_id)
    SELECT CAST(lpad(to_hex(1735689600000 + n * 3600000), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0') AS uuid),
        timestamptz '2025-01-01 00:00:00+00' + n * interval '1 hour', gen_random_uuid(), 'session.opened', 'session',
        gen_random_uuid()
    FROM generate_series(1, CAST(5000 AS bigint)) AS n
    """
    with shop.database.write() as session:
        session.execute(text(fill))
        session.execute(text("ANALYZE audit_entries"))
        # when
        statement = AuditQuery(**wanted).statement()
        compiled = statement.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.scalars(text("EXPLAIN " + str(compiled).replace(":", "\\:"))))
    # then
    assert index in plan
    assert "Seq Scan" not in plan
