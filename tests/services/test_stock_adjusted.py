"""Stock adjusted by hand, the marks it passes, and what the ledger keeps of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from models.user import Right
from services.catalogue.stock.adjusting import StockReason
from services.catalogue.stock.movements import MovementQuery, list_movements
from services.catalogue.stock.stock import list_discrepancies
from services.catalogue.tags import stock_tag
from services.idempotency import Request
from tests.services.acting import category_id, change, place
from tests.services.evidence import ledger_of, news_of, nothing_changed, product_row, stock_of
from tests.services.hiring import entries, hire
from tests.services.pricing import adjust, set_low_mark
from tests.support import DANA
from utils.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, OutOfStock
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def marks_of(shop: Shop) -> dict[str, list[int]]:
    """With how many pieces each mark was passed."""
    names = ("stock.low", "stock.out", "stock.back")
    return {name: [each["stockCount"] for each in news_of(shop.database, name)] for name in names}


def test_pieces_come_and_go_with_a_reason_and_a_note(shop: Shop, product: Make) -> None:
    # given
    tea = product(stock=5)
    version = product_row(shop.database, tea).version  # type: ignore[union-attr]  # it is there
    # when
    adjust(shop, tea, 7, StockReason.RECEIVED, note="  pallet 12 ")
    adjust(shop, tea, -2, StockReason.DAMAGED)
    # then
    row = product_row(shop.database, tea)
    assert row is not None
    assert (row.stock_count, row.version) == (10, version + 2)
    assert ledger_of(shop.database, tea) == [
        (5, "initial", None, DANA),
        (7, "received", None, DANA),
        (-2, "damaged", None, DANA),
    ]
    with shop.database.read() as session:
        noted = [each.note for each in list_movements(session, MovementQuery(tea)).movements]
        assert noted == [None, "pallet 12", None]
        assert list_discrepancies(session) == []
    entry = entries(shop.database)[-1]
    assert (entry.action, entry.subject_id, entry.actor_id) == ("product.stock_adjusted", tea, DANA)
    assert (entry.before, entry.after) == ({"stock_count": 12}, {"stock_count": 10, "reason": "damaged"})


NOT_SO: dict[str, tuple[dict[str, Any], type[DomainError], str | None]] = {
    "nothing": ({"quantity": 0}, InvalidInput, "quantity"),
    "a little more than there is": ({"quantity": -6}, OutOfStock, None),
    "received backwards": ({"quantity": -1, "reason": StockReason.RECEIVED}, InvalidInput, "quantity"),
    "returned backwards": ({"quantity": -1, "reason": StockReason.RETURNED}, InvalidInput, "quantity"),
    "damaged into being": ({"quantity": 1, "reason": StockReason.DAMAGED}, InvalidInput, "quantity"),
    "lost into being": ({"quantity": 1, "reason": StockReason.LOST}, InvalidInput, "quantity"),
    "too much": ({"quantity": 1_000_000_000}, InvalidInput, "quantity"),
    "a long note": ({"quantity": 1, "note": "x" * 201}, InvalidInput, "note"),
    "a note of nothing": ({"quantity": 1, "note": " "}, InvalidInput, "note"),
    "a note with NUL": ({"quantity": 1, "note": "a\0b"}, InvalidInput, "note"),
    "an old version": ({"quantity": 1, "version": 0}, Conflict, "version"),
}


@pytest.mark.parametrize("case", NOT_SO)
def test_what_is_refused_changes_nothing(shop: Shop, product: Make, case: str) -> None:
    wanted, kind, field = NOT_SO[case]
    tea = product(stock=5)
    with nothing_changed(shop.database), pytest.raises(kind) as refusal:
        adjust(shop, tea, **wanted)
    assert refusal.value.details.get("field") == field
    if kind is OutOfStock:
        assert refusal.value.details == {"lines": [{"productId": str(tea), "requested": 6, "available": 5}]}


def test_only_what_is_there_and_of_the_own_department(shop: Shop, product: Make) -> None:
    lee, apple = hire(shop, "lee", Right.PRODUCTS).actor, product(category="fruit")
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        adjust(shop, apple, 1, actor=lee)
    with nothing_changed(shop.database), pytest.raises(NotFound):
        adjust(shop, new_id(), 1, actor=lee)


def test_a_double_click_receives_once(shop: Shop, product: Make) -> None:
    tea = product(stock=5)
    click = Request(caller=str(DANA), key="k", field="adjustStock", arguments={"quantity": 3})
    adjust(shop, tea, 3, request=click)
    with nothing_changed(shop.database, but=("outbox_events",)):  # the cache is told again
        adjust(shop, tea, 3, request=click)
    assert stock_of(shop.database, tea) == [8]
    other = Request(caller=str(DANA), key="k", field="adjustStock", arguments={"quantity": 4})
    with nothing_changed(shop.database), pytest.raises(Conflict):
        adjust(shop, tea, 4, request=other)


def test_each_mark_is_told_once_when_it_is_passed(shop: Shop, product: Make) -> None:
    # given
    tea = product(stock=10)
    set_low_mark(shop, tea, 5)
    # then by hand
    for quantity in (-4, -1, -1, +3, -2, -5, +2, +9):  # 6, 5 low, 4, 7, 5 low, 0 out, 2 back, 11
        adjust(shop, tea, quantity)
    assert marks_of(shop) == {"stock.low": [5, 5], "stock.out": [0], "stock.back": [2]}
    assert news_of(shop.database, "stock.out") == [{"product": str(tea), "stockCount": 0}]
    # and by setting the stock
    change(shop, "dana", tea, stock_count=3)
    change(shop, "dana", tea, stock_count=0)
    change(shop, "dana", tea, stock_count=6)
    assert marks_of(shop) == {"stock.low": [5, 5, 3], "stock.out": [0, 0], "stock.back": [2, 6]}


def test_orders_tell_of_marks_as_well(shop: Shop, product: Make) -> None:
    tea, rice, none = product(stock=10), product(stock=2), product(stock=0)
    set_low_mark(shop, tea, 8)
    place(shop, "alice", (tea, 1))
    assert marks_of(shop) == {"stock.low": [], "stock.out": [], "stock.back": []}
    place(shop, "alice", (tea, 1), (rice, 2))
    assert marks_of(shop) == {"stock.low": [8], "stock.out": [0], "stock.back": []}
    assert stock_of(shop.database, tea, rice, none) == [8, 0, 0]


def test_the_lists_of_what_is_in_stock_are_told_when_a_product_comes_or_goes(shop: Shop, product: Make) -> None:
    # given
    tea = product(stock=5, category="fruit")
    fruit = stock_tag(category_id(shop, "fruit"))

    def told() -> bool:
        tags = news_of(shop.database, "catalogue.changed")[-1]["tags"]
        assert f"product:{tea}" in tags
        assert (fruit in tags) == (stock_tag() in tags)
        return fruit in tags

    def by_hand(quantity: int) -> bool:
        adjust(shop, tea, quantity)
        return told()

    # then
    assert [by_hand(quantity) for quantity in (-4, -1, +3, -2)] == [False, True, True, False]
    place(shop, "alice", (tea, 1))
    assert told()
    change(shop, "dana", tea, stock_count=2)
    assert told()
    place(shop, "alice", (tea, 1))
    assert not told()


def test_a_ledger_page_by_page_the_newest_first(shop: Shop, product: Make) -> None:
    tea, rice = product(stock=5), product(stock=1)
    for quantity in range(1, 6):
        adjust(shop, tea, quantity)
    with shop.database.read() as session:
        query = MovementQuery(tea, 4)
        page = list_movements(session, query)
        after = query.cursor(page.movements[-1])
        rest = list_movements(session, MovementQuery(tea, 4, after))
    assert [[each.quantity for each in found.movements] for found in (page, rest)] == [[5, 4, 3, 2], [1, 5]]
    assert (page.has_next, rest.has_next) == (True, False)
    for product_id, first in ((rice, 4), (tea, 0), (tea, 101)):
        with pytest.raises(InvalidInput):
            MovementQuery(product_id, first, after)
