"""Loading the demo data: whole, once, clean in the ledger, and never in production."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from demo.cast import CAST
from demo.goods import GOODS
from demo.loading import Loaded, load
from demo.people import DemoRefused
from models import (
    Brand,
    Category,
    Collection,
    CollectionProduct,
    CurrentPrice,
    CustomerTier,
    Department,
    Discount,
    DiscountCode,
    DiscountTarget,
    Family,
    Order,
    PriceChange,
    Product,
    Region,
    RegionPrice,
    StaffMembership,
    StockMovement,
    TierChange,
    User,
)
from models.product import ProductStatus
from models.user import Role
from services.accounts.reading import get_department_by_slug
from services.accounts.sessions import Device
from services.accounts.signing_in import log_in
from services.catalogue.finding.pages import PageQuery
from services.catalogue.products.variants import list_families, list_families_by_id
from services.catalogue.reader import reading
from services.catalogue.reading import find_product_by_slug, list_page
from services.catalogue.shelves.windows import list_collections, list_shown
from services.catalogue.stock.stock import list_discrepancies
from services.pricing.discounts.active import active_rules
from services.pricing.tiers.recounting import recount_all
from services.pricing.tiers.tiers import thresholds_of
from utils import clock
from utils.errors import NotFound
from wiring import Shop


@pytest.fixture(autouse=True)
def _nobody(shop: Shop) -> None:
    """The tests' databases hold the cast from the start; here it must come by loading."""
    with shop.database.write() as session:
        session.execute(delete(StaffMembership))
        session.execute(delete(User))


def everything(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that loading could touch."""
    with shop.database.read() as session:
        return {
            table.__tablename__: sorted(tuple(row) for row in session.execute(select(*table.__table__.columns)))
            for table in (
                *(Product, User, StaffMembership, Brand, Family, Collection, CollectionProduct, Order),
                *(Region, RegionPrice),
                *(CurrentPrice, CustomerTier, TierChange, Discount, DiscountTarget, DiscountCode),
            )
        } | {"stock_movements": [(session.scalar(select(func.count()).select_from(StockMovement)),)]}


def with_settings(shop: Shop, **changed: object) -> Shop:
    return replace(shop, settings=shop.settings.model_copy(update=changed))


def test_the_first_run_adds_the_cast_and_all_goods_with_their_opening_stock(shop: Shop) -> None:
    assert load(shop) == Loaded(people=5, goods=369, many=0)

    with shop.database.read() as session:
        apples = session.get_one(Product, GOODS[0].product_id)
        assert (apples.slug, apples.name, apples.unit) == ("gala-apples", "Gala Apples", "1 kg")
        assert (apples.price, apples.currency, apples.stock_count) == (Decimal("3.490"), "USD", 180)
        assert apples.status == ProductStatus.PUBLISHED
        assert session.get_one(Category, apples.category_id).slug == "fruit"
        movement = session.scalars(select(StockMovement).where(StockMovement.product_id == apples.id)).one()
        assert (movement.quantity, movement.reason, movement.order_id) == (180, "initial", None)
        assert session.scalar(select(func.count()).select_from(StockMovement)) == 369 + 1 + 50
        began = session.scalars(
            select(PriceChange).where(PriceChange.product_id == apples.id, PriceChange.region_code.is_(None))
        ).one()
        assert (began.price, began.currency, began.reason) == (Decimal("3.490"), "USD", "initial")
        assert began.effective_from == apples.created_at
        assert list_discrepancies(session) == []


def test_goods_come_with_their_brands_contents_families_and_a_collection(shop: Shop) -> None:
    load(shop)

    with shop.database.read() as session:
        reader = reading(session, shop.cache)
        butter = find_product_by_slug(reader, "salted-butter")
        assert butter is not None
        assert butter.brand is not None
        assert (butter.brand.name, butter.tax_class, butter.options) == (
            "Meadow & Churn",
            "reduced",
            [("Salt", "Salted")],
        )
        assert (butter.content_amount, butter.content_unit) == (Decimal(250), "g")
        assert butter.sku == f"DEMO-{butter.id.hex[:8].upper()}"
        families = list_families(session, first=10)
        assert [each.name for each in families] == ["Butter", "Free-Range Eggs", "Organic Cotton T-Shirt"]
        full = list_families_by_id(reader, [each.id for each in families])
        assert [len(full[each.id].members) for each in families] == [2, 2, 2]
        [breakfast] = list_collections(reader)
        assert (breakfast.slug, breakfast.is_published) == ("a-long-breakfast", True)
        shown = list_shown(reader, [breakfast.id], first=100)[breakfast.id]
        assert [each.slug for each in shown][:2] == ["breakfast-blend-coffee-beans", "english-breakfast-tea-bags"]
        assert len(shown) == 9


def test_alice_is_gold_by_fifty_orders_that_were_paid_long_ago(shop: Shop) -> None:
    load(shop)

    alice = CAST[0].id
    with shop.database.read() as session:
        orders = session.scalars(select(Order).where(Order.customer_id == alice)).all()
        assert [(each.status, each.total_amount) for each in orders] == [("paid", Decimal("3.490"))] * 50
        assert max(each.created_at for each in orders) < clock.now() - timedelta(days=119)
        assert session.get_one(CustomerTier, alice).tier == "gold"
        assert list_discrepancies(session) == []
    # and the nightly repair finds it right
    repaired = recount_all(shop.database, shop.cache, thresholds=thresholds_of(shop.settings))
    assert repaired.corrected == 0


def test_the_demo_sells_in_germany_and_where_its_prices_count_too(shop: Shop) -> None:
    load(shop)

    with shop.database.read() as session:
        peas = session.scalars(select(Product.id).where(Product.slug == "garden-peas")).one()
        found = session.execute(
            select(CurrentPrice.region_code, CurrentPrice.price, CurrentPrice.source).where(
                CurrentPrice.product_id == peas
            )
        )
        assert sorted(tuple(row) for row in found) == [
            ("DE", Decimal("2.490"), "region"),
            ("ES", Decimal("2.490"), "fallback"),
            ("FR", Decimal("2.490"), "fallback"),
            ("IE", Decimal("2.490"), "fallback"),
        ]
        shipping = select(Region.code, Region.shipping_price).where(Region.shipping_price > 0).order_by(Region.code)
        assert [(code, str(price)) for code, price in session.execute(shipping)] == [
            ("DE", "4.900"),
            ("ES", "7.900"),
            ("FR", "7.900"),
            ("IE", "7.900"),
        ]


def test_the_demo_has_a_discount_of_every_kind(shop: Shop) -> None:
    load(shop)

    with shop.database.read() as session:
        kinds = session.execute(select(Discount.kind, func.count()).group_by(Discount.kind).order_by(Discount.kind))
        assert [tuple(row) for row in kinds] == [
            ("amount", 1),
            ("buy_x_get_y", 1),
            ("free_shipping", 1),
            ("percent", 3),
            ("quantity_steps", 1),
        ]
        assert session.scalars(select(DiscountCode.code).order_by(DiscountCode.code)).all() == ["FIVE-OFF", "HELLO10"]
        reader = reading(session, shop.cache)
        assert len(active_rules(reader, time_zone="UTC")) == 7


def test_each_of_the_cast_can_log_in_with_the_password_that_is_printed(shop: Shop) -> None:
    load(shop)

    for person in CAST:
        signed_in = log_in(
            shop.database,
            shop.passwords,
            email=person.email,
            password="Market-Demo-1",
            keeper=shop.keeper,
            device=Device(),
        )
        assert (signed_in.user.id, signed_in.user.name, signed_in.user.role) == (person.id, person.name, person.role)
    assert [(person.email, person.role) for person in CAST] == [
        ("alice@example.com", Role.CUSTOMER),
        ("bob@example.com", Role.CUSTOMER),
        ("charlie@example.com", Role.CUSTOMER),
        ("sam@example.com", Role.STAFF),
        ("dana@example.com", Role.ADMIN),
    ]
    assert str(CAST[0].id) == "a94102ff-32e3-4240-b251-dd8934065961"


def test_sam_works_in_the_marketplace_and_nobody_else_works_anywhere(shop: Shop) -> None:
    load(shop)

    with shop.database.read() as session:
        marketplace = get_department_by_slug(session, "marketplace")
        memberships = session.execute(select(StaffMembership.user_id, StaffMembership.department_id)).all()
        assert [tuple(row) for row in memberships] == [(CAST[3].id, marketplace.id)]


def test_a_second_run_adds_nothing_and_leaves_what_a_person_changed(shop: Shop) -> None:
    load(shop)
    with shop.database.write() as session:
        session.execute(
            update(Product)
            .where(Product.slug == "gala-apples")
            .values(price=Decimal("1.00"), name="Windfall Apples", status=ProductStatus.WITHDRAWN)
        )
        session.execute(update(User).where(User.id == CAST[0].id).values(name="Alice Changed", password_hash="own"))
        session.execute(delete(StaffMembership))
    before = everything(shop)

    assert load(shop) == Loaded(people=0, goods=0, many=0)

    assert everything(shop) == before


def test_an_address_that_somebody_took_stays_theirs(shop: Shop) -> None:
    with shop.database.write() as session:
        session.add(User(email="sam@example.com", name="Another Sam", password_hash="own"))

    assert load(shop).people == 4

    with shop.database.read() as session:
        sam = session.scalars(select(User).where(User.email == "sam@example.com")).one()
        assert (sam.name, sam.role, sam.password_hash) == ("Another Sam", Role.CUSTOMER, "own")
        assert session.scalars(select(StaffMembership)).all() == []


def test_each_good_came_at_its_own_moment_of_the_last_weeks(shop: Shop) -> None:
    load(shop)

    with shop.database.read() as session:
        moments = session.scalars(select(Product.created_at)).all()
        newest = session.scalars(select(Product.category_id).order_by(Product.created_at.desc()).limit(20)).all()
    assert len(set(moments)) == 369
    assert clock.now() - timedelta(days=47) < min(moments) < max(moments) <= clock.now()
    assert len(set(newest)) > 10


def test_many_come_by_copy_with_a_clean_ledger_and_a_larger_number_adds_only_the_rest(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(shop, products=2_000) == Loaded(people=5, goods=369, many=2_000)
    assert load(shop, products=2_000) == Loaded(people=0, goods=0, many=0)
    assert load(shop, products=2_500) == Loaded(people=0, goods=0, many=500)

    with shop.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Product)) == 2_869
        assert session.scalar(select(func.count()).select_from(StockMovement)) == 2_869 + 1 + 50
        assert session.scalar(select(func.count()).select_from(PriceChange)) == 2_869 + 369
        assert session.scalars(select(StockMovement.reason).distinct().order_by(StockMovement.reason)).all() == [
            "initial",
            "order",
            "received",
        ]
        assert list_discrepancies(session) == []
    printed = capsys.readouterr()
    assert "Loading products" in printed.err
    assert printed.out == ""


def test_a_list_read_before_shows_the_goods_right_after(shop: Shop) -> None:
    query = PageQuery(first=100)
    with shop.database.read() as session:
        assert list_page(reading(session, shop.cache), query).products == []

    load(shop)

    with shop.database.read() as session:
        assert len(list_page(reading(session, shop.cache), query).products) == 100


def test_where_no_coin_is_smaller_than_one_the_prices_are_whole(shop: Shop) -> None:
    load(with_settings(shop, currency="JPY"))

    with shop.database.read() as session:
        apples = session.get_one(Product, GOODS[0].product_id)
        assert (apples.price, apples.currency) == (Decimal("349.000"), "JPY")
        assert session.scalars(select(Product.id).where(Product.price != func.trunc(Product.price))).all() == []


def test_production_is_refused_and_nothing_is_added(shop: Shop) -> None:
    before = everything(shop)

    with pytest.raises(DemoRefused, match="never loaded in production"):
        load(with_settings(shop, environment="production"))

    assert everything(shop) == before


def test_a_shop_without_departments_is_refused_and_nothing_is_added(shop: Shop) -> None:
    with shop.database.write() as session:
        session.execute(delete(Category).where(Category.parent_id.is_not(None)))
        session.execute(delete(Category))
        session.execute(delete(Department))
    before = everything(shop)

    with pytest.raises(NotFound, match="department"):
        load(shop)

    assert everything(shop) == before
