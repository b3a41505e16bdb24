"""Alerts of stock: written by the worker, once each, for staff of the department."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import text

from models import StockAlert
from models.stock_alert import StockAlertKind
from models.user import Right
from services.accounts.actor import Actor
from services.catalogue.stock.stock_alerts import AlertQuery, list_alerts, write_alert
from tests.services.acting import place, remove
from tests.services.hiring import hire
from tests.services.pricing import adjust, set_low_mark
from tests.support import ADMIN
from utils.errors import InvalidInput
from utils.ids import new_id
from wiring import Shop
from workers.relay import relay_all

Make = Callable[..., UUID]


def alerts(shop: Shop, actor: Actor = ADMIN, kind: StockAlertKind | None = None) -> list[tuple[UUID, str, int]]:
    """What the actor sees: product, kind, count."""
    with shop.database.read() as session:
        found = list_alerts(session, AlertQuery(kind=kind), actor=actor).alerts
    return [(each.product_id, each.kind, each.stock_count) for each in found]


def test_marks_become_alerts_of_their_department(shop: Shop, product: Make) -> None:
    # given
    tea, apple = product(stock=3), product(stock=2, category="fruit")
    set_low_mark(shop, tea, 2)
    place(shop, "alice", (tea, 1), (apple, 2))
    adjust(shop, apple, 5)
    # when
    relay_all(shop)
    # then
    assert alerts(shop) == [(apple, "back", 5), (apple, "out", 0), (tea, "low", 2)]
    assert alerts(shop, hire(shop, "lee", Right.PRODUCTS).actor) == [(tea, "low", 2)]
    assert alerts(shop, hire(shop, "gus", Right.PRODUCTS, departments=("fresh-food",)).actor) == [
        (apple, "back", 5),
        (apple, "out", 0),
    ]
    assert alerts(shop, kind=StockAlertKind.OUT) == [(apple, "out", 0)]
    with shop.database.read() as session:
        rows = session.query(StockAlert).all()
        assert session.execute(text("SELECT count(*) FROM outbox_events WHERE name LIKE 'stock.%'")).scalar_one() == 0
    assert all(abs((row.created_at.timestamp() * 1000) - (row.id.int >> 80)) < 1 for row in rows)


def test_an_event_told_twice_is_one_alert_and_one_of_a_product_that_is_gone_none(shop: Shop, product: Make) -> None:
    tea, gone, event = product(), product(), new_id()
    remove(shop, "dana", gone)
    for told, event_id in ((tea, event), (tea, event), (gone, new_id())):
        with shop.database.write() as session:
            payload = {"product": str(told), "stockCount": 0}
            write_alert(session, StockAlertKind.OUT, event_id=event_id, payload=payload)
    assert alerts(shop) == [(tea, "out", 0)]


def test_page_by_page(shop: Shop, product: Make) -> None:
    tea = product(stock=1)
    for quantity in (-1, 1, -1, 2, -2):
        adjust(shop, tea, quantity)
    relay_all(shop)
    with shop.database.read() as session:
        query = AlertQuery(first=3)
        page = list_alerts(session, query, actor=ADMIN)
        rest = list_alerts(session, AlertQuery(first=3, after=query.cursor(page.alerts[-1])), actor=ADMIN)
    kinds = [[each.kind for each in found.alerts] for found in (page, rest)]
    assert kinds == [["out", "back", "out"], ["back", "out"]]
    assert (page.has_next, rest.has_next) == (True, False)
    for first, after in ((0, None), (101, None), (5, "nonsense"), (5, "WyJzdG9ja0FsZXJ0cyIsIngiXQ")):
        with pytest.raises(InvalidInput):
            AlertQuery(first=first, after=after)
