"""Taxes of regions over time: which hold at a moment, what is refused, and when an answer that shows them ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import delete, select, text

from models import AuditEntry, TaxRate
from models.product import TaxClass
from models.user import Role
from services.accounts.actor import Actor
from services.catalogue.reader import reading
from services.pricing.region_facts import KnownRegion, all_regions, region_facts
from services.pricing.tax_rates import MOST_TAXES, TaxRateDraft, cancel_tax_rate, set_tax_rate
from tests.services.evidence import news_of, nothing_changed
from tests.services.regional import regions_now
from tests.support import ADMIN, DANA, SAM
from utils.errors import Conflict, DomainError, InvalidInput, NotFound, Unauthenticated
from utils.ids import new_id
from wiring import Shop

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    """The clock stands at noon, until a test moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def put(shop: Shop, percent: str | None, begin: datetime | None = None, **given: Any) -> UUID:
    """A rate of Germany's VAT on standard goods, if nothing else is said."""
    code, actor = given.pop("code", "DE"), given.pop("actor", ADMIN)
    wanted: dict[str, Any] = {"tax_class": TaxClass.STANDARD, "name": "VAT"} | given
    draft = TaxRateDraft(percent=None if percent is None else Decimal(percent), valid_from=begin, **wanted)
    with shop.database.write() as session:
        return set_tax_rate(session, code, draft, actor=actor, cache=shop.cache)


def cancel(shop: Shop, rate: UUID, *, actor: Actor = ADMIN) -> str:
    """Called off by the admin."""
    with shop.database.write() as session:
        return cancel_tax_rate(session, rate, actor=actor, cache=shop.cache)


def germany(shop: Shop) -> KnownRegion:
    """The region, by the cache, which must tell the same as PostgreSQL."""
    with shop.database.read() as session:
        now = regions_now(session).require("DE")
        assert all_regions(reading(session, shop.cache)).find("DE") == now
    return now


def standard(region: KnownRegion, moment: datetime) -> list[tuple[str, Decimal]]:
    """The taxes on standard goods at a moment."""
    return [(each.name, each.percent) for each in region_facts(region, moment).rates if each.tax_class == "standard"]


def test_a_rate_holds_from_its_moment_until_the_next(shop: Shop, at_noon: Any) -> None:
    put(shop, "20", NOON + DAY)
    put(shop, "8.125", NOON + 2 * DAY, name="Levy")
    put(shop, None, NOON + 3 * DAY)
    known = germany(shop)
    just = timedelta(microseconds=1)
    expected: dict[datetime, list[tuple[str, Decimal]]] = {
        NOON: [("VAT", Decimal(19))],
        NOON + DAY - just: [("VAT", Decimal(19))],
        NOON + DAY: [("VAT", Decimal(20))],
        NOON + 2 * DAY: [("Levy", Decimal("8.125")), ("VAT", Decimal(20))],
        NOON + 3 * DAY - just: [("Levy", Decimal("8.125")), ("VAT", Decimal(20))],
        NOON + 3 * DAY: [("Levy", Decimal("8.125"))],
    }
    assert {moment: standard(known, moment) for moment in expected} == expected
    shown = [(each.name, each.percent, each.valid_from, each.valid_until) for each in known.rates[1:-1]]
    assert shown == [
        ("Levy", Decimal("8.125"), NOON + 2 * DAY, None),
        ("VAT", Decimal(19), datetime(2021, 1, 1, tzinfo=UTC), NOON + DAY),
        ("VAT", Decimal(20), NOON + DAY, NOON + 3 * DAY),
        ("VAT", None, NOON + 3 * DAY, None),
    ]
    # Whoever reads later reads what holds then, and no longer what was over.
    at_noon.move_to(NOON + 4 * DAY)
    shop.cache.clear()
    assert [each.name for each in germany(shop).rates if each.tax_class == "standard"] == ["Levy"]


def test_a_rate_from_now_on_holds_at_once_and_raises_the_version(shop: Shop) -> None:
    assert germany(shop).version == 1
    rate = put(shop, "19.5")
    known = germany(shop)
    assert (standard(known, NOON), known.version) == ([("VAT", Decimal("19.5"))], 2)
    assert news_of(shop.database, "catalogue.changed") == [{"tags": ["regions"]}]
    with shop.database.read() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert session.get_one(TaxRate, rate).created_by == DANA
    assert (entry.action, entry.subject_type, entry.subject_id, entry.before, entry.after) == (
        "tax_rate.set",
        "tax_rate",
        rate,
        None,
        {
            "region": "DE",
            "tax_class": "standard",
            "name": "VAT",
            "percent": "19.5",
            "valid_from": "2027-03-01T12:00:00+00:00",
        },
    )


def test_what_was_read_ends_when_the_next_rate_of_any_region_begins(shop: Shop) -> None:
    put(shop, "20", NOON + timedelta(seconds=30))
    put(shop, "24", NOON + timedelta(seconds=20), code="IE")
    put(shop, "25", NOON + DAY, code="IE")
    for _ in range(2):  # from PostgreSQL, then as this process knows it
        with shop.database.read() as session:
            reader = reading(session, shop.cache)
            all_regions(reader)
        assert reader.until == NOON + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("percent", "given", "field"),
    [
        ("100.001", {}, "percent"),
        ("101", {}, "percent"),
        ("-0.001", {}, "percent"),
        ("1.0001", {}, "percent"),
        ("1e-30", {}, "percent"),
        ("5", {"tax_class": TaxClass.ZERO}, "percent"),
        ("5", {"name": " "}, "name"),
        ("5", {"name": "V" * 51}, "name"),
        ("5", {"name": "V\0"}, "name"),
        ("5", {"begin": NOON - timedelta(microseconds=1)}, "validFrom"),
        ("5", {"begin": NOON + timedelta(days=5 * 366 + 1)}, "validFrom"),
        ("5", {"begin": datetime(2027, 3, 2, 12)}, "validFrom"),  # noqa: DTZ001
    ],
)
def test_a_bad_rate_is_refused(shop: Shop, percent: str, given: dict[str, Any], field: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        put(shop, percent, **given)
    assert refusal.value.details == {"field": field}


@pytest.mark.parametrize(
    ("percent", "given", "error", "field"),
    [
        ("5", {"code": "XX"}, NotFound, "region"),
        ("21", {"begin": NOON + DAY}, Conflict, "validFrom"),
        (None, {"begin": NOON + DAY}, Conflict, "validFrom"),
        (None, {"name": "Levy"}, Conflict, "name"),
        (None, {"begin": NOON + 3 * DAY}, Conflict, "name"),
        ("81", {"name": "Levy"}, Conflict, "percent"),
        ("80.001", {"name": "Levy", "begin": NOON + 2 * DAY - timedelta(hours=1)}, Conflict, "percent"),
    ],
)
def test_a_rate_that_does_not_fit_is_refused(
    shop: Shop, percent: str | None, given: dict[str, Any], error: type[DomainError], field: str
) -> None:
    put(shop, "20", NOON + DAY)
    put(shop, None, NOON + 2 * DAY)
    with nothing_changed(shop.database), pytest.raises(error) as refusal:
        put(shop, percent, **given)
    assert refusal.value.details == {"field": field}


def test_what_fits_to_the_last_percent_is_taken(shop: Shop) -> None:
    put(shop, "81", name="Levy")
    put(shop, "0", tax_class=TaxClass.ZERO, name="Levy")
    put(shop, None)
    assert standard(germany(shop), NOON) == [("Levy", Decimal(81))]


def test_a_region_has_so_many_taxes_and_no_more(shop: Shop) -> None:
    for number in range(MOST_TAXES - 3):
        put(shop, "1", name=f"T{number}")
    with nothing_changed(shop.database), pytest.raises(Conflict):
        put(shop, "1", name="One more")
    put(shop, "2", NOON + DAY, name="T0")


def test_a_rate_to_come_is_called_off_and_the_one_before_goes_on(shop: Shop) -> None:
    rate = put(shop, "20", NOON + DAY)
    assert cancel(shop, rate) == "DE"
    known = germany(shop)
    assert (standard(known, NOON + DAY), known.version) == ([("VAT", Decimal(19))], 3)
    assert news_of(shop.database, "catalogue.changed") == [{"tags": ["regions"]}] * 2
    with shop.database.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.subject_id, entry.actor_id, entry.after) == ("tax_rate.cancelled", rate, DANA, None)
    assert entry.before is not None
    assert (entry.before["percent"], entry.before["valid_from"]) == ("20", "2027-03-02T12:00:00+00:00")
    with nothing_changed(shop.database), pytest.raises(NotFound):
        cancel(shop, rate)


def test_what_has_begun_is_not_called_off(shop: Shop, at_noon: Any) -> None:
    rate = put(shop, "20", NOON + DAY)
    at_noon.move_to(NOON + DAY)
    with nothing_changed(shop.database), pytest.raises(Conflict):
        cancel(shop, rate)
    with nothing_changed(shop.database), pytest.raises(NotFound):
        cancel(shop, new_id())


def test_whoever_lost_the_post_sets_no_taxes(shop: Shop) -> None:
    rate, sham = put(shop, "20", NOON + DAY), Actor(id=SAM, role=Role.ADMIN)
    with nothing_changed(shop.database):
        with pytest.raises(Unauthenticated):
            put(shop, "1", actor=sham)
        with pytest.raises(Unauthenticated):
            cancel(shop, rate, actor=sham)


def test_rates_are_told_in_the_order_of_their_names(shop: Shop, product: Callable[..., UUID]) -> None:
    with shop.database.write() as session:
        session.execute(delete(TaxRate).where(TaxRate.region_code == "DE"))
    for name in ("b", "C", "a"):
        put(shop, "1", name=name)
    with shop.database.write() as session:
        session.execute(text("UPDATE regions SET shipping_tax_class = 'zero' WHERE code = 'DE'"))
    shop.cache.clear()
    assert [each.name for each in region_facts(germany(shop), NOON).rates] == ["C", "a", "b"]
