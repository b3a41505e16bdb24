"""When tiers are repaired: a day after the last time, by whomever that was done, and one repair at a time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from models import PeriodicRun
from services.pricing.tiers import repairing
from services.pricing.tiers.recounting import Repair
from services.pricing.tiers.repairing import repair_tiers
from tests.services.evidence import nothing_changed
from tests.services.tiers import THRESHOLDS, add_orders, kept
from tests.support import ALICE
from utils import clock
from utils.errors import Unavailable
from wiring import Shop

DAY = timedelta(days=1)
COIN = timedelta(microseconds=1)


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(clock.now(), tick=False) as moving:
        yield moving


def repaired(shop: Shop, *, only_if_due: bool = True) -> Repair | None:
    return repair_tiers(shop.database, shop.cache, thresholds=THRESHOLDS, only_if_due=only_if_due)


def noted(shop: Shop) -> list[tuple[str, datetime]]:
    with shop.database.read() as session:
        return [(row.name, row.began_at) for row in session.scalars(select(PeriodicRun))]


def test_it_is_due_when_it_never_was_and_a_day_after_it_was(shop: Shop, traveller: time_machine.Traveller) -> None:
    begin = clock.now()
    add_orders(shop, ALICE, 21)
    assert repaired(shop) == Repair(checked=1, corrected=1, moved=1)
    assert noted(shop) == [("categorize-customers", begin)]
    add_orders(shop, ALICE, 29)
    for moment in (begin, begin + DAY - COIN):
        traveller.move_to(moment)
        with nothing_changed(shop.database):
            assert repaired(shop) is None
    traveller.move_to(begin + DAY)
    assert repaired(shop) == Repair(checked=1, corrected=1, moved=1)
    assert (kept(shop, ALICE), noted(shop)) == (("gold", 50), [("categorize-customers", begin + DAY)])


def test_whoever_asks_for_it_gets_it_and_it_counts(shop: Shop, traveller: time_machine.Traveller) -> None:
    begin = clock.now()
    repaired(shop)
    traveller.shift(DAY / 2)
    add_orders(shop, ALICE, 21)
    assert repaired(shop, only_if_due=False) == Repair(checked=1, corrected=1, moved=1)
    traveller.move_to(begin + DAY)
    assert repaired(shop) is None
    traveller.move_to(begin + DAY + DAY / 2)
    assert repaired(shop) == Repair(checked=1, corrected=0, moved=0)


def test_a_clock_that_was_ahead_is_no_reason_to_wait(shop: Shop, traveller: time_machine.Traveller) -> None:
    traveller.shift(365 * DAY)
    repaired(shop)
    traveller.shift(-365 * DAY)
    assert repaired(shop) is not None
    assert noted(shop) == [("categorize-customers", clock.now())]


def test_it_was_when_it_began(shop: Shop, traveller: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = clock.now()

    def slowly(*_: object, **__: object) -> Repair:
        traveller.shift(3600)
        return Repair(0, 0, 0)

    monkeypatch.setattr(repairing, "recount_all", slowly)
    repaired(shop)
    assert noted(shop) == [("categorize-customers", begin)]


def test_one_that_breaks_off_is_not_noted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> Repair:
        raise Unavailable("the database went away")

    with monkeypatch.context() as broken:
        broken.setattr(repairing, "recount_all", refused)
        with nothing_changed(shop.database), pytest.raises(Unavailable):
            repaired(shop)
    assert repaired(shop) is not None


def test_vacuum_and_others_do_not_wait_for_it(committing_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it works, its transaction holds neither a snapshot nor anything that it wrote."""
    shop = committing_shop
    held: list[tuple[object, object]] = []
    seen = text(
        "SELECT backend_xid, backend_xmin FROM pg_stat_activity "
        "WHERE datname = current_database() AND state = 'idle in transaction'"
    )

    def looking(*_: object, **__: object) -> Repair:
        with shop.database.read() as session:
            held.extend((row.backend_xid, row.backend_xmin) for row in session.execute(seen))
        return Repair(0, 0, 0)

    monkeypatch.setattr(repairing, "recount_all", looking)
    repaired(shop)
    assert held == [(None, None)]
