"""Regions made and changed by admins: what is refused, what is told to whom, and what orders are counted with."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from models import AuditEntry, CurrentPrice, Region, User
from models.product import TaxClass
from models.user import Role
from services.accounts.actor import Actor
from services.catalogue.reader import reading
from services.pricing.region_facts import KnownRegion, all_regions, region_facts
from services.pricing.regions import MOST_REGIONS, RegionChange, RegionDraft, create_region, update_region
from tests.services.evidence import news_of, nothing_changed
from tests.services.regional import regions_now
from tests.support import ADMIN, DANA, SAM
from utils import clock
from utils.errors import Conflict, DomainError, InvalidInput, NotFound, Unauthenticated
from utils.money import Money
from wiring import Shop

NEW_ZEALAND = RegionDraft(
    code="NZ",
    name=" New Zealand ",
    currency="NZD",
    countries=["NZ", "CK", "NZ"],
    prices_include_tax=True,
    shipping_price=Decimal("6.50"),
    shipping_tax_class=TaxClass.REDUCED,
)
EVERYTHING = {"tags": [], "everything": True}


def create(shop: Shop, draft: RegionDraft = NEW_ZEALAND, *, actor: Actor = ADMIN, **given: Any) -> None:
    """A region made by the admin."""
    with shop.database.write() as session:
        create_region(session, replace(draft, **given), actor=actor, cache=shop.cache)


def change(shop: Shop, code: str, *, actor: Actor = ADMIN, **given: Any) -> None:
    """A region changed by the admin."""
    with shop.database.write() as session:
        update_region(session, code, RegionChange(**given), actor=actor, cache=shop.cache)


def found(shop: Shop, code: str) -> KnownRegion:
    """The region, by the cache, which must tell the same as PostgreSQL."""
    with shop.database.read() as session:
        now = regions_now(session).find(code)
        cached = all_regions(reading(session, shop.cache)).find(code)
    assert now is not None
    assert now == cached
    return now


def noted(shop: Shop) -> list[tuple[str, Any, Any]]:
    """The audit log: act, before, after."""
    with shop.database.read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert {row.actor_id for row in rows} <= {DANA}
    return [(row.action, row.before, row.after) for row in rows]


def test_a_region_is_made_as_wanted(shop: Shop) -> None:
    create(shop)
    made = found(shop, "NZ")
    assert made == KnownRegion(
        code="NZ",
        name="New Zealand",
        currency="NZD",
        is_home=False,
        prices_include_tax=True,
        fallback_code=None,
        shipping_price=Decimal("6.500"),
        shipping_tax_class="reduced",
        version=1,
        countries=("CK", "NZ"),
        rates=(),
    )
    with shop.database.read() as session:
        regions = regions_now(session)
    assert [regions.of_country(each) for each in ("CK", "NZ", "AQ")] == [made, made, None]
    facts = region_facts(made, clock.now())
    assert (facts.code, facts.version, facts.currency, facts.prices_include_tax) == ("NZ", 1, "NZD", True)
    assert (facts.shipping_price, facts.shipping_tax_class) == (Money(Decimal("6.50"), "NZD"), "reduced")
    assert str(facts.shipping_price.amount) == "6.50"
    assert facts.rates == ()
    said = {
        "code": "NZ",
        "name": "New Zealand",
        "currency": "NZD",
        "countries": ["CK", "NZ"],
        "prices_include_tax": True,
        "fallback_code": None,
        "shipping_price": "6.50",
        "shipping_tax_class": "reduced",
    }
    assert noted(shop) == [("region.created", None, said)]
    assert news_of(shop.database, "catalogue.changed") == [EVERYTHING]


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"code": "nz"}, InvalidInput, "code"),
        ({"code": "N"}, InvalidInput, "code"),
        ({"code": "NEWZEALAND"}, InvalidInput, "code"),
        ({"code": "N-Z"}, InvalidInput, "code"),
        ({"code": "\xdf\xdf"}, InvalidInput, "code"),
        ({"code": "NZ\n"}, InvalidInput, "code"),
        ({"code": "DE"}, Conflict, "code"),
        ({"name": " "}, InvalidInput, "name"),
        ({"name": "N" * 101}, InvalidInput, "name"),
        ({"name": "N\0"}, InvalidInput, "name"),
        ({"currency": "nzd"}, InvalidInput, "currency"),
        ({"currency": "QQQ"}, InvalidInput, "currency"),
        ({"currency": "XAU"}, InvalidInput, "currency"),
        ({"countries": ["nz"]}, InvalidInput, "countries"),
        ({"countries": ["NZ", "XX"]}, InvalidInput, "countries"),
        ({"countries": ["EU"]}, InvalidInput, "countries"),
        ({"countries": ["NZL"]}, InvalidInput, "countries"),
        ({"countries": [""]}, InvalidInput, "countries"),
        ({"countries": ["NZ", "DE"]}, Conflict, "countries"),
        ({"shipping_price": Decimal("-0.01")}, InvalidInput, "shippingPrice"),
        ({"shipping_price": Decimal("1.005")}, InvalidInput, "shippingPrice"),
        ({"currency": "JPY", "shipping_price": Decimal("1.5")}, InvalidInput, "shippingPrice"),
        ({"fallback_code": "NZ"}, InvalidInput, "fallbackCode"),
        ({"fallback_code": "XX"}, InvalidInput, "fallbackCode"),
        ({"fallback_code": "D\0"}, InvalidInput, "fallbackCode"),
        ({"fallback_code": "DE"}, InvalidInput, "fallbackCode"),
        ({"currency": "USD", "fallback_code": "US"}, InvalidInput, "fallbackCode"),
    ],
)
def test_a_bad_region_is_refused(shop: Shop, given: dict[str, Any], error: type[DomainError], field: str) -> None:
    with nothing_changed(shop.database), pytest.raises(error) as refusal:
        create(shop, **given)
    assert refusal.value.details == {"field": field}


def test_a_shop_has_so_many_regions_and_no_more(shop: Shop) -> None:
    with shop.database.write() as session:
        count = len(session.scalars(select(Region.code)).all())
        session.add_all(Region(code=f"R{number}", name="R", currency="NZD") for number in range(MOST_REGIONS - count))
    with nothing_changed(shop.database), pytest.raises(Conflict):
        create(shop)


def test_a_region_is_changed_in_what_is_said_and_stays_in_the_rest(shop: Shop) -> None:
    before = found(shop, "DE")
    change(shop, "DE", name="Germany and Austria", countries=["AT", "DE"], version=1)
    assert found(shop, "DE") == replace(before, name="Germany and Austria", countries=("AT", "DE"), version=2)
    change(shop, "DE", countries=["AT"], shipping_price=Decimal("4.90"), prices_include_tax=False)
    change(shop, "DE", fallback_code="FR", shipping_tax_class=TaxClass.ZERO)
    change(shop, "DE", fallback_code=None)
    assert found(shop, "DE") == replace(
        before,
        name="Germany and Austria",
        countries=("AT",),
        shipping_price=Decimal("4.900"),
        prices_include_tax=False,
        shipping_tax_class="zero",
        version=5,
    )
    assert noted(shop) == [
        (
            "region.changed",
            {"code": "DE", "name": "Germany", "countries": ["DE"]},
            {"code": "DE", "name": "Germany and Austria", "countries": ["AT", "DE"]},
        ),
        (
            "region.changed",
            {"code": "DE", "countries": ["AT", "DE"], "prices_include_tax": True, "shipping_price": "0.00"},
            {"code": "DE", "countries": ["AT"], "prices_include_tax": False, "shipping_price": "4.90"},
        ),
        (
            "region.changed",
            {"code": "DE", "fallback_code": None, "shipping_tax_class": "standard"},
            {"code": "DE", "fallback_code": "FR", "shipping_tax_class": "zero"},
        ),
        ("region.changed", {"code": "DE", "fallback_code": "FR"}, {"code": "DE", "fallback_code": None}),
    ]
    # What goods cost changed by the fall-back only.
    regions = {"tags": ["regions"]}
    assert news_of(shop.database, "catalogue.changed") == [regions, regions, EVERYTHING, EVERYTHING]


def test_another_currency_is_another_region_to_the_goods(shop: Shop, product: Callable[..., UUID]) -> None:
    tea = product(price="10")  # dollars

    def sold_in() -> list[str]:
        with shop.database.read() as session:
            chosen = select(CurrentPrice.region_code).where(CurrentPrice.product_id == tea)
            return list(session.scalars(chosen.order_by(CurrentPrice.region_code)))

    assert sold_in() == []
    change(shop, "DE", currency="USD")
    assert (found(shop, "DE").currency, sold_in()) == ("USD", ["DE"])
    assert news_of(shop.database, "catalogue.changed")[-1] == EVERYTHING
    create(shop, code="MX", currency="USD", countries=["MX"], fallback_code="DE")
    assert sold_in() == ["DE", "MX"]


@pytest.mark.parametrize(
    ("code", "given", "error", "field"),
    [
        ("XX", {"name": "Nowhere"}, NotFound, "code"),
        ("de", {"name": "Nowhere"}, NotFound, "code"),
        ("D\0", {"name": "Nowhere"}, NotFound, "code"),
        ("DE", {"version": 2, "name": "Other"}, Conflict, "version"),
        ("DE", {"countries": ["DE", "FR"]}, Conflict, "countries"),
        ("DE", {"countries": ["D"]}, InvalidInput, "countries"),
        ("DE", {"name": "Other", "shipping_price": Decimal(-1)}, InvalidInput, "shippingPrice"),
        ("DE", {"fallback_code": "DE"}, InvalidInput, "fallbackCode"),
        ("DE", {"fallback_code": "GB"}, InvalidInput, "fallbackCode"),
        ("US", {"fallback_code": "DE"}, InvalidInput, "fallbackCode"),
        ("US", {"currency": "EUR"}, Conflict, "currency"),
        ("DE", {"currency": "QQQ"}, InvalidInput, "currency"),
    ],
)
def test_a_bad_change_is_refused(
    shop: Shop, code: str, given: dict[str, Any], error: type[DomainError], field: str
) -> None:
    with nothing_changed(shop.database), pytest.raises(error) as refusal:
        change(shop, code, **given)
    assert refusal.value.details["field"] == field


def test_shipping_must_fit_the_new_currency_and_a_fallback_too(shop: Shop) -> None:
    change(shop, "DE", shipping_price=Decimal("4.90"))
    change(shop, "IE", fallback_code="FR")
    for code, currency, field in (("DE", "JPY", "shippingPrice"), ("IE", "GBP", "fallbackCode")):
        with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
            change(shop, code, currency=currency)
        assert refusal.value.details == {"field": field}
    change(shop, "DE", currency="JPY", shipping_price=Decimal(500))
    change(shop, "IE", currency="GBP", fallback_code="GB")


_IN_USE = {
    "prices": "INSERT INTO region_prices VALUES (:tea, 'DE', 9, now(), now())",
    "earlier prices": """INSERT INTO price_changes (product_id, region_code, price, currency, effective_from, reason,
        created_at) VALUES (:tea, 'DE', 9, 'EUR', now(), 'changed', now())""",
    "scheduled prices": """INSERT INTO scheduled_prices (id, product_id, region_code, price, starts_at, created_at)
        VALUES (gen_random_uuid(), :tea, 'DE', 9, now() + interval '1 day', now())""",
    "orders": """INSERT INTO orders (id, customer_id, currency, total_amount, net_goods, net_shipping, tax_total,
        discount_total, region_code, status, created_at, updated_at)
        VALUES (gen_random_uuid(), :dana, 'EUR', 0, 0, 0, 0, 0, 'DE', 'pending', now(), now())""",
    "regions that fall back on it": "UPDATE regions SET fallback_code = 'DE' WHERE code = 'FR' AND :tea IS NOT NULL",
}


@pytest.mark.parametrize("what", _IN_USE)
def test_the_currency_stays_once_amounts_are_kept_in_it(shop: Shop, product: Callable[..., UUID], what: str) -> None:
    tea = product()
    with shop.database.write() as session:
        session.execute(text(_IN_USE[what]), {"tea": tea} | ({"dana": DANA} if what == "orders" else {}))
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        change(shop, "DE", currency="GBP")
    assert refusal.value.message == f"The currency stays: this region has {what}."
    change(shop, "DE", currency="EUR", name="Alemannia")  # the same is none
    change(shop, "ES", currency="GBP")  # and another region is free


def test_whoever_lost_the_post_changes_nothing(shop: Shop) -> None:
    sham = Actor(id=SAM, role=Role.ADMIN)
    with shop.database.write() as session:
        session.execute(update(User).where(User.id == DANA).values(role=Role.CUSTOMER))
    for actor in (sham, ADMIN):
        with nothing_changed(shop.database):
            with pytest.raises(Unauthenticated):
                create(shop, actor=actor)
            with pytest.raises(Unauthenticated):
                change(shop, "DE", actor=actor, name="Mine")


def test_regions_are_read_once_and_again_after_a_change(shop: Shop, counted_sql: Callable[[], Any]) -> None:
    def read(code: str) -> str | None:
        with shop.database.read() as session:
            region = all_regions(reading(session, shop.cache)).find(code)
        return None if region is None else region.name

    read("DE")
    with counted_sql() as statements:
        assert (read("DE"), read("XX")) == ("Germany", None)
    assert statements == []
    change(shop, "DE", name="Deutschland")
    assert read("DE") == "Deutschland"
