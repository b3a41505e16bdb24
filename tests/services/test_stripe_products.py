"""What Stripe is to know of a product: what differs, who may speak of it, and what is noted."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text, update

from gateways.payments.products import Twin
from models import Product, ScheduledPrice
from models.product import ProductStatus
from services.catalogue import stripe_products
from services.catalogue.products.product_news import PRODUCT_CHANGED
from services.catalogue.stripe_products import PUSH_WANTED, Source
from tests.services.acting import category_id, change, place, remove
from tests.services.evidence import news_of
from utils import clock
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
ACCOUNT = "an account"
LEASE = timedelta(minutes=10)


def source(shop: Shop, product: UUID) -> Source:
    with shop.database.read() as session:
        return stripe_products.find_source(session, product)


def differs(shop: Shop, product: UUID, account: str = ACCOUNT) -> bool:
    return source(shop, product).differs(account)


def tell(shop: Shop, product: UUID, *, price: str = "price_1") -> None:
    """Claims, and notes that Stripe was told."""
    with shop.database.write() as session:
        lease = clock.now() + LEASE
        assert stripe_products.claim(session, product, lease=lease)
        found = stripe_products.find_source(session, product)
        assert stripe_products.note_told(session, found, account=ACCOUNT, price_id=price, lease=lease)


def put(shop: Shop, product: UUID, **values: Any) -> None:
    """Sets columns, as an import does."""
    with shop.database.write() as session:
        session.execute(update(Product).where(Product.id == product).values(**values))


def test_the_twin_is_what_shoppers_read_as_plain_text(shop: Shop, product: Make) -> None:
    tea = product(name="Tea", price="2.50")
    put(
        shop,
        tea,
        description="# Green *tea*\n\nFrom [Uji](https://uji.example), <b>dried</b>.\n\n- 500 g\n- tin",
        sku="T-1",
    )
    assert source(shop, tea).twin() == Twin(
        id=tea,
        name="Tea",
        description="Green tea\nFrom Uji, dried.\n500 g\ntin",
        unit="each",
        active=True,
        amount=Decimal("2.500"),
        currency="USD",
        facts={"slug": "tea", "sku": "T-1", "category": "everything-else"},
    )


def test_a_product_differs_until_it_was_told(shop: Shop, product: Make) -> None:
    tea = product(name="Tea")
    assert differs(shop, tea) is True
    tell(shop, tea)
    found = source(shop, tea)
    assert (found.differs(ACCOUNT), found.price_id, found.differs(ACCOUNT, told_anyway=True)) == (
        False,
        "price_1",
        True,
    )
    assert differs(shop, tea, "another account") is True


@pytest.mark.parametrize(
    ("changed", "differing"),
    [
        ({"name": "Coffee"}, True),
        ({"description": "Dark."}, True),
        ({"unit": "1 kg"}, True),
        ({"price": Decimal("9.99")}, True),
        ({"price": Decimal("10.000")}, False),
        ({"sku": "T-1"}, True),
        ({"slug": "coffee"}, True),
        ({"status": ProductStatus.WITHDRAWN}, True),
        ({"status": ProductStatus.DRAFT}, True),
        ({"stock_count": 0}, False),
        ({"popularity": 7}, False),
    ],
)
def test_what_makes_a_product_differ(shop: Shop, product: Make, changed: dict[str, Any], differing: bool) -> None:
    tea = product(name="Tea", price="10.00")
    tell(shop, tea)
    put(shop, tea, **changed)
    assert differs(shop, tea) is differing


def test_another_category_makes_it_differ(shop: Shop, product: Make) -> None:
    tea = product(name="Tea")
    tell(shop, tea)
    put(shop, tea, category_id=category_id(shop, "fruit"))
    assert differs(shop, tea) is True


def test_what_is_not_on_sale_is_told_to_nobody_who_does_not_know_it(shop: Shop, product: Make) -> None:
    tea = product(name="Tea")
    put(shop, tea, status=ProductStatus.DRAFT)
    assert differs(shop, tea) is False
    put(shop, tea, status=ProductStatus.PUBLISHED)
    tell(shop, tea)
    put(shop, tea, status=ProductStatus.WITHDRAWN)
    assert (differs(shop, tea), source(shop, tea).twin().active) == (True, False)


def test_a_product_that_is_gone_differs_until_stripe_was_told_so(shop: Shop, product: Make) -> None:
    tea, coffee = product(name="Tea"), product(name="Coffee")
    tell(shop, tea)
    remove(shop, "dana", tea)
    remove(shop, "dana", coffee)
    assert (differs(shop, tea), differs(shop, coffee), differs(shop, new_id())) == (True, False, False)
    tell(shop, tea)
    assert source(shop, tea).is_known is False
    assert differs(shop, tea) is False


def test_a_lease_is_one_persons_until_it_ends(shop: Shop, product: Make) -> None:
    tea = product()
    with time_machine.travel(clock.now(), tick=False) as now, shop.database.write() as session:
        first = clock.now() + LEASE
        assert stripe_products.claim(session, tea, lease=first) is True
        assert stripe_products.claim(session, tea, lease=first + LEASE) is False
        now.shift(LEASE)
        second = clock.now() + LEASE
        assert stripe_products.claim(session, tea, lease=second) is True
        # The first one comes back late: what it noted would be wrong, and nobody knows what Stripe has.
        found = stripe_products.find_source(session, tea)
        late: dict[str, Any] = {"account": ACCOUNT, "price_id": "price_1"}
        assert stripe_products.note_told(session, found, **late, lease=first) is False
        assert stripe_products.note_told(session, found, **late, lease=second) is True
        assert stripe_products.find_source(session, tea).differs(ACCOUNT) is False
        assert stripe_products.note_told(session, found, **late, lease=first) is False
        assert stripe_products.find_source(session, tea).differs(ACCOUNT) is True


def test_a_push_that_is_broken_off_leaves_a_product_that_differs(shop: Shop, product: Make) -> None:
    tea = product()
    tell(shop, tea)
    lease = clock.now() + LEASE
    with shop.database.write() as session:
        assert stripe_products.claim(session, tea, lease=lease)
        stripe_products.release(session, tea, lease=lease)
    found = source(shop, tea)
    # Half of another state may have arrived, so that even the state of before must be told.
    assert (found.differs(ACCOUNT), found.price_id) == (True, "price_1")
    with shop.database.write() as session:
        assert stripe_products.claim(session, tea, lease=clock.now() + LEASE)


def test_pages_show_everything_once(shop: Shop, product: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_products, "PAGE", 3)
    made = [product() for _ in range(7)]
    for each in made[2:5]:
        tell(shop, each)
    remove(shop, "dana", made[3])
    remove(shop, "dana", made[0])
    seen: list[UUID] = []
    after = None
    with shop.database.read() as session:
        while page := stripe_products.list_sources(session, after=after):
            seen += [each.id for each in page]
            after = page[-1].id
        assert stripe_products.count_sources(session) == 6
    # The one that Stripe knows and we have no more is among them, the one that it never knew is not.
    assert seen == sorted(made[1:])


def test_a_price_that_is_due_counts_before_it_is_written_to_its_product(shop: Shop, product: Make) -> None:
    tea = product(price="10.00")
    moment = clock.now()
    with shop.database.write() as session:
        for days, price in ((-2, "8.00"), (-1, "7.00"), (1, "9.00")):
            session.add(
                ScheduledPrice(
                    id=new_id(),
                    product_id=tea,
                    price=Decimal(price),
                    starts_at=moment + timedelta(days=days),
                    created_at=moment,
                )
            )
    found = source(shop, tea)
    assert (found.price, found.changes_at) == (Decimal("7.000"), moment + timedelta(days=1))


def test_it_is_on_sale_within_its_time(shop: Shop, product: Make) -> None:
    tea = product()
    start = clock.now() + timedelta(days=1)
    end = start + timedelta(days=1)
    put(shop, tea, publish_from=start, publish_until=end)
    seen = []
    with time_machine.travel(clock.now(), tick=False) as now:
        for moment in (start - timedelta(hours=1), start, end):
            now.move_to(moment)
            found = source(shop, tea)
            seen.append((found.is_on_sale, found.changes_at))
    assert seen == [(False, start), (True, end), (False, None)]


def test_what_changes_by_the_clock_is_asked_for_once(shop: Shop, product: Make) -> None:
    tea = product()
    start = clock.now() + timedelta(days=1)
    put(shop, tea, publish_from=start)
    with shop.database.write() as session:
        for _ in range(2):
            stripe_products.expect_changes(session, stripe_products.find_source(session, tea))
        rows = session.execute(
            text("SELECT payload, available_at FROM outbox_events WHERE name = :n"), {"n": PUSH_WANTED}
        )
        assert [tuple(row) for row in rows] == [({"product": str(tea)}, start)]


def test_staff_make_news_and_orders_and_stock_do_not(shop: Shop, product: Make) -> None:
    tea = product(name="Tea")
    ordered = product(name="Coffee")
    place(shop, "alice", (ordered, 1))
    change(shop, "dana", tea, stock_count=3)
    made = [{"product": str(tea)}, {"product": str(ordered)}]
    assert news_of(shop.database, PRODUCT_CHANGED) == made
    change(shop, "dana", tea, price=Decimal(3))
    change(shop, "dana", tea, status=ProductStatus.WITHDRAWN)
    remove(shop, "dana", tea)
    remove(shop, "dana", ordered)
    assert news_of(shop.database, PRODUCT_CHANGED) == [*made, *[made[0]] * 3, made[1]]
