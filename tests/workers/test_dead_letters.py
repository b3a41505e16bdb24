"""Events that cannot be delivered: put off for longer and longer, given up, listed, and replayed by a person."""

import logging
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from manage import manage
from tests.faults.own import variables_of
from tests.workers.events import heard_by, kept, make_due, mark, record
from wiring import Shop
from workers.outbox import MOST_ATTEMPTS, list_dead, replay
from workers.relay import relay_all

Marks = Callable[[], list[UUID]]


def fail(*_: object) -> None:
    raise LookupError("nobody is at home")


def give_up(shop: Shop) -> None:
    """Lets every event in the outbox fail until it is a dead letter."""
    for _ in range(MOST_ATTEMPTS):
        relay_all(shop, heard_by(fail))
        make_due(shop)


def command(shop: Shop, *words: str) -> Result:
    before = logging.getLogger().handlers[:]
    try:
        return CliRunner().invoke(manage, ["outbox", *words], env=variables_of(shop), catch_exceptions=False)
    finally:
        logging.getLogger().handlers[:] = before  # the command's own writes to an output that is no more


def ids(found: Sequence[object]) -> list[UUID]:
    return [each.id for each in found]  # type: ignore[attr-defined]  # OutboxEvents


def test_each_failure_waits_twice_as_long_up_to_ten_minutes_and_the_tenth_is_the_last(committing_shop: Shop) -> None:
    shop = committing_shop
    [event_id] = record(shop)
    pauses = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert relay_all(shop, heard_by(fail)) == 0
        found = kept(shop)[event_id]
        assert found.attempts == attempt
        assert found.is_dead == (attempt == MOST_ATTEMPTS)
        pauses.append(found.seconds_put_off)
        make_due(shop)
    assert MOST_ATTEMPTS == 10
    expected = [2.0**attempt for attempt in range(1, 10)] + [600.0]
    # A moment passed between the attempt and our look at it.
    assert [pause for pause, wanted in zip(pauses, expected, strict=True) if not wanted - 1.5 < pause <= wanted] == []
    assert found.last_error == "LookupError: nobody is at home"
    assert relay_all(shop, heard_by(fail)) == 0
    assert kept(shop)[event_id].attempts == MOST_ATTEMPTS


def test_an_event_that_succeeds_at_last_is_delivered_with_the_same_id(committing_shop: Shop, marks: Marks) -> None:
    shop = committing_shop
    [event_id] = record(shop)
    for _ in range(MOST_ATTEMPTS - 1):
        relay_all(shop, heard_by(fail))
        make_due(shop)
    assert relay_all(shop, heard_by(mark)) == 1
    assert marks() == [event_id]


def test_a_long_error_is_cut(committing_shop: Shop) -> None:
    def fail_at_length(*_: object) -> None:
        raise LookupError("x" * 10_000)

    [event_id] = record(committing_shop)
    relay_all(committing_shop, heard_by(fail_at_length))
    assert kept(committing_shop)[event_id].last_error == ("LookupError: " + "x" * 10_000)[:2000]


def test_dead_letters_hold_nobody_up(committing_shop: Shop, marks: Marks) -> None:
    record(committing_shop, 3)
    give_up(committing_shop)
    [alive] = record(committing_shop)
    assert relay_all(committing_shop, heard_by(mark)) == 1
    assert marks() == [alive]


def test_replaying_makes_them_due_again_with_all_their_attempts(committing_shop: Shop, marks: Marks) -> None:
    shop = committing_shop
    first, second, third = record(shop, 3)
    give_up(shop)
    with shop.database.read() as session:
        assert sorted(ids(list_dead(session))) == [first, second, third]
    with shop.database.write() as session:
        assert replay(session, [second, uuid4()]) == 1
    assert kept(shop)[second].attempts == 0
    assert relay_all(shop, heard_by(mark)) == 1
    assert marks() == [second]
    with shop.database.write() as session:
        assert replay(session, None) == 2
        assert replay(session, None) == 0
    assert relay_all(shop, heard_by(mark)) == 2


def test_replaying_leaves_living_events_as_they_are(committing_shop: Shop) -> None:
    shop = committing_shop
    [event_id] = record(shop)
    relay_all(shop, heard_by(fail))
    before = kept(shop)[event_id]
    with shop.database.write() as session:
        assert (replay(session, [event_id]), replay(session, None)) == (0, 0)
    after = kept(shop)[event_id]
    assert (after.attempts, after.last_error) == (before.attempts, before.last_error) == (1, before.last_error)
    assert after.seconds_put_off > 0


def test_the_command_lists_and_replays_them(committing_shop: Shop, marks: Marks) -> None:
    shop = committing_shop
    assert command(shop, "list").output == "0 dead letters.\n"
    first, second = record(shop, 2)
    give_up(shop)
    with shop.database.write() as session:
        session.execute(text("UPDATE outbox_events SET dead_at = '2026-01-02T03:04:05Z'"))
    line = "{} tests.news died 2026-01-02 03:04:05+00:00 after 10 attempts: LookupError: nobody is at home"
    listed = command(shop, "list")
    assert listed.exit_code == 0
    assert listed.output.splitlines() == [line.format(first), line.format(second), "2 dead letters."]
    assert command(shop, "replay", str(second)).output == "1 events are due again.\n"
    assert command(shop, "list").output.splitlines() == [line.format(first), "1 dead letters."]
    assert command(shop, "replay", "--all").output == "1 events are due again.\n"
    assert relay_all(shop, heard_by(mark)) == 2
    assert sorted(marks()) == [first, second]


@pytest.mark.parametrize("words", [[], ["--all", "a94102ff-32e3-4240-b251-dd8934065961"], ["no-id"]])
def test_the_command_refuses_to_guess_which_to_replay(committing_shop: Shop, words: list[str]) -> None:
    record(committing_shop)
    give_up(committing_shop)
    refused = command(committing_shop, "replay", *words)
    assert refused.exit_code == 2
    assert [each.is_dead for each in kept(committing_shop).values()] == [True]
