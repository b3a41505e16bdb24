"""The outbox relay: at least once, one id per event, its effects exactly once, and nobody held up by another."""

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.orm import Session

from services import events
from tests.faults.own import run_script, variables_of
from tests.faults.rivals import PATIENCE_SECONDS, beside, together
from tests.workers.events import heard_by, kept, make_due, mark, record
from utils import clock
from utils.errors import Unavailable
from wiring import Shop
from workers.listeners import Audience
from workers.outbox import BATCH
from workers.relay import relay_all, relay_batch

Marks = Callable[[], list[UUID]]


def test_events_come_in_their_order_each_once_and_are_gone(committing_shop: Shop, marks: Marks) -> None:
    shop = committing_shop
    recorded = record(shop, 5)
    assert relay_all(shop, heard_by(mark)) == 5
    assert marks() == recorded
    assert kept(shop) == {}
    assert relay_all(shop, heard_by(mark)) == 0


def test_an_event_is_heard_with_its_id_and_payload_by_all_who_listen(committing_shop: Shop) -> None:
    heard: list[tuple[str, UUID, Any]] = []

    def listener(name: str) -> Any:
        def listen(shop: Shop, session: Session, event_id: UUID, payload: Mapping[str, Any]) -> None:
            assert shop is committing_shop
            assert session.in_transaction()
            heard.append((name, event_id, payload))

        return listen

    [event_id] = record(committing_shop, what="a price fell")
    relay_all(committing_shop, heard_by(listener("first"), listener("second")))
    payload = {"number": 0, "what": "a price fell"}
    assert heard == [("first", event_id, payload), ("second", event_id, payload)]


def test_an_event_of_a_transaction_that_failed_never_was(committing_shop: Shop, marks: Marks) -> None:
    def fail() -> None:
        with committing_shop.database.write() as session:
            events.record(session, "tests.news", {})
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert relay_all(committing_shop, heard_by(mark)) == 0
    assert marks() == []


def test_more_than_a_batch_is_relayed_in_one_go(committing_shop: Shop, marks: Marks) -> None:
    recorded = record(committing_shop, BATCH + 1)
    assert relay_all(committing_shop, heard_by(mark)) == BATCH + 1
    assert marks() == recorded


def test_what_is_not_due_stays(committing_shop: Shop) -> None:
    [event_id] = record(committing_shop)
    with committing_shop.database.write() as session:
        session.execute(text("UPDATE outbox_events SET available_at = now() + interval '1 minute'"))
    assert relay_all(committing_shop, heard_by(mark)) == 0
    assert list(kept(committing_shop)) == [event_id]


def test_a_second_relay_passes_over_what_the_first_one_holds(committing_shop: Shop, marks: Marks) -> None:
    shop = committing_shop
    recorded = record(shop, BATCH + 20)
    holds, may_go_on = Event(), Event()

    def slowly(shop: Shop, session: Session, event_id: UUID, payload: Mapping[str, Any]) -> None:
        holds.set()
        assert may_go_on.wait(PATIENCE_SECONDS)
        mark(shop, session, event_id, payload)

    with beside() as start:
        first = start(lambda: relay_batch(shop, heard_by(slowly)))
        assert holds.wait(PATIENCE_SECONDS)
        second = relay_all(shop, heard_by(mark))  # does not wait for the first one
        may_go_on.set()
    assert (first.result(), second) == ((BATCH, BATCH), 20)
    assert marks() == recorded[BATCH:] + recorded[:BATCH]
    assert kept(shop) == {}


def test_relays_at_once_have_each_effect_exactly_once(committing_shop: Shop, marks: Marks) -> None:
    shop = committing_shop
    recorded = record(shop, 3 * BATCH)
    delivered = together([lambda: relay_all(shop, heard_by(mark))] * 4)
    assert sum(delivered) == 3 * BATCH
    assert sorted(marks()) == sorted(recorded)
    assert kept(shop) == {}


def test_a_failing_event_undoes_its_own_effects_and_nobody_elses(committing_shop: Shop, marks: Marks) -> None:
    first, second, third = record(committing_shop, 3)

    def fail_for_the_second(_shop: Shop, _session: Session, event_id: UUID, _payload: Mapping[str, Any]) -> None:
        if event_id == second:
            raise LookupError("no such thing")

    assert relay_all(committing_shop, heard_by(mark, fail_for_the_second)) == 2
    assert marks() == [first, third]
    assert list(kept(committing_shop)) == [second]


def test_a_statement_that_fails_costs_only_its_own_event(committing_shop: Shop, marks: Marks) -> None:
    first, second = record(committing_shop, 2)

    def divide(_shop: Shop, session: Session, event_id: UUID, _payload: Mapping[str, Any]) -> None:
        session.execute(text("SELECT 1 / :divisor"), {"divisor": 0 if event_id == first else 1})

    assert relay_all(committing_shop, heard_by(divide, mark)) == 1
    assert marks() == [second]
    assert "division by zero" in str(kept(committing_shop)[first].last_error)


def test_a_server_that_is_away_is_nobodys_fault(committing_shop: Shop, marks: Marks) -> None:
    shop = committing_shop
    [event_id] = record(shop)

    def away(*_: object) -> None:
        raise Unavailable("the server is away")

    for _ in range(15):  # more often than an event that fails for itself may
        assert relay_all(shop, heard_by(away)) == 0
        found = kept(shop)[event_id]
        assert (found.attempts, found.is_dead) == (0, False)
        assert 0 < found.seconds_put_off <= 1
        make_due(shop)
    assert found.last_error == "Unavailable: the server is away"
    assert relay_all(shop, heard_by(mark)) == 1
    assert marks() == [event_id]


def test_a_relay_killed_in_mid_batch_loses_nothing_and_does_nothing_twice(committing_shop: Shop, marks: Marks) -> None:
    shop = committing_shop
    recorded = record(shop, 6)
    assert run_script("tests.workers.killed_relay", "3", environment=variables_of(shop)) == -9
    assert marks() == []
    assert [each.attempts for each in kept(shop).values()] == [0] * 6
    assert relay_all(shop, heard_by(mark)) == 6
    assert marks() == recorded


def test_news_that_nobody_knows_yet_waits_for_a_newer_worker(committing_shop: Shop, marks: Marks) -> None:
    shop = committing_shop
    [event_id] = record(shop)
    assert relay_all(shop, Audience()) == 0
    assert kept(shop)[event_id].last_error == "KeyError: 'tests.news'"
    make_due(shop)
    assert relay_all(shop, heard_by(mark)) == 1
    assert marks() == [event_id]


def test_a_slow_server_that_is_away_does_not_keep_the_relay_for_ever(committing_shop: Shop) -> None:
    # given a full batch, and a server so slow to fail that all of it is due again by the batch's end
    shop, calls = committing_shop, 0
    record(shop, BATCH)
    with time_machine.travel(clock.now(), tick=False) as now:

        def fail_late(*_: object) -> None:
            nonlocal calls
            calls += 1
            assert calls <= 1 + BATCH  # together, which the first one spoils, and then each for itself
            now.shift(1)
            raise Unavailable("away")

        # then
        assert relay_all(shop, heard_by(fail_late)) == 0
    assert calls == 1 + BATCH
