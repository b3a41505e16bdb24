"""Mail from the outbox to the server: at least once, recognisable when twice, and nobody held up by a slow server."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest
import structlog
import time_machine
from sqlalchemy import text

from gateways.mail.mail import Mail, MailRefused, Sender
from gateways.mail.smtp import Smtp, SmtpServer
from services.accounts.letters import Letter, want
from tests.faults.own import run_script, variables_of
from tests.faults.rivals import PATIENCE_SECONDS, beside
from tests.gateways.mail_server import Inbox, smtp_server
from tests.support import ALICE, make_products
from tests.workers.posted import Posted, lease_ends, outbox, posting
from utils import clock
from utils.errors import Unavailable
from wiring import Shop
from workers import delivery, post
from workers.delivery import PATIENCE, SENDING_FOR, deliver
from workers.listeners import Audience
from workers.outbox import MOST_ATTEMPTS
from workers.relay import HANDED_OVER_FOR, relay_all

Task = tuple[UUID, datetime]


@pytest.fixture
def office(committing_shop: Shop) -> tuple[Shop, Posted]:
    return posting(committing_shop)


def wanted(shop: Shop, count: int = 1) -> None:
    """So many letters to Alice that her password was changed."""
    with shop.database.write() as session:
        for _ in range(count):
            want(session, Letter.PASSWORD_CHANGED, ALICE)


def handed_over(shop: Shop) -> list[Task]:
    """The tasks that the relay sends."""
    tasks: list[Task] = []
    relay_all(shop, hand_over=lambda event_id, leased_until: tasks.append((event_id, leased_until)))
    return tasks


def done(shop: Shop, task: Task) -> bool:
    return deliver(shop, task[0], leased_until=task[1])


def by_smtp(shop: Shop, port: int) -> Shop:
    server = SmtpServer("localhost", port, "none", None, None, 5.0)
    return replace(shop, mail=Smtp(server, Sender("shop@shop.example", "Tea & Co")))


def test_the_relay_leases_the_event_and_sends_a_task(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    wanted(shop)
    with time_machine.travel(clock.now(), tick=False):
        [(event_id, leased_until)] = handed_over(shop)
        assert leased_until == clock.now() + HANDED_OVER_FOR
    [row] = outbox(shop)
    assert (row["id"], row["available_at"], row["attempts"]) == (event_id, leased_until, 0)
    assert handed_over(shop) == []
    assert posted.mails == []


def test_the_task_sends_the_mail_and_the_event_is_gone(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    wanted(shop)
    [task] = handed_over(shop)
    assert done(shop, task) is True
    assert [(mail.id, mail.to) for mail in posted.mails] == [(task[0], "alice@example.com")]
    assert outbox(shop) == []


def test_the_same_task_twice_sends_once(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    wanted(shop)
    [task] = handed_over(shop)
    assert [done(shop, task), done(shop, task)] == [True, False]
    assert len(posted.mails) == 1


def test_a_lost_task_is_sent_again_when_the_lease_ends(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    wanted(shop)
    [lost] = handed_over(shop)
    lease_ends(shop)
    [found] = handed_over(shop)
    assert found[0] == lost[0]
    # when the lost one comes back after all, it is not its turn
    assert [done(shop, lost), done(shop, found)] == [False, True]
    assert len(posted.mails) == 1


def test_a_worker_killed_after_sending_sends_again_and_the_mail_says_so(office: tuple[Shop, Posted]) -> None:
    shop, _ = office
    inbox = Inbox()
    wanted(shop)
    [(event_id, leased_until)] = handed_over(shop)
    with smtp_server(inbox) as port:
        smtp = {"MAIL_PROVIDER": "smtp", "SMTP_HOST": "localhost", "SMTP_PORT": str(port), "SMTP_SECURITY": "none"}
        environment = {**variables_of(shop), **smtp, "MAIL_FROM": "shop@shop.example"}
        killed = ["tests.workers.killed_delivery", str(event_id), leased_until.isoformat()]
        assert run_script(*killed, environment=environment) == -9
        assert len(inbox.letters) == 1
        [row] = outbox(shop)
        assert row["attempts"] == 1
        assert handed_over(shop) == []  # as long as it may be on its way
        lease_ends(shop)
        [again] = handed_over(shop)
        assert done(by_smtp(shop, port), again) is True
    assert {letter.message["Message-ID"] for letter in inbox.letters} == {f"<{event_id}@shop.example>"}
    assert len(inbox.letters) == 2
    assert outbox(shop) == []


def test_a_worker_that_dies_of_an_event_is_rid_of_it_at_last(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    wanted(shop)

    class Death(BaseException):
        pass

    posted.fault = Death()  # type: ignore[assignment]
    for _ in range(MOST_ATTEMPTS):
        [task] = handed_over(shop)
        with pytest.raises(Death):
            done(shop, task)
        lease_ends(shop)
    [task] = handed_over(shop)
    assert done(shop, task) is False
    [row] = outbox(shop)
    assert (row["dead_at"] is not None, row["last_error"]) == (True, "WorkerDied")


def test_a_server_that_is_away_costs_no_attempt_and_is_asked_less_and_less(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    posted.fault = Unavailable("away", status=421)
    pauses = []
    with time_machine.travel(clock.now(), tick=False) as now:
        wanted(shop)
        for waited in (0, 10, 60, 600, 7200, 86_400):
            now.move_to(now_plus(shop, waited))
            [task] = handed_over(shop)
            assert done(shop, task) is False
            [row] = outbox(shop)
            assert (row["attempts"], row["dead_at"], row["last_error"]) == (0, None, "Unavailable 421")
            pauses.append((row["available_at"] - clock.now()).total_seconds())  # type: ignore[operator]
        assert pauses == [1.0, 5.0, 30.0, 300.0, 600.0, 600.0]
        posted.fault = None
        now.shift(600)
        [task] = handed_over(shop)
        assert done(shop, task) is True
    assert len(posted.mails) == 1


def now_plus(shop: Shop, seconds: int) -> datetime:
    """So long after the event was made."""
    [row] = outbox(shop)
    made: Any = row["created_at"]
    return made + timedelta(seconds=seconds)  # type: ignore[no-any-return]


def test_after_three_days_a_server_that_is_away_is_the_event_s_fault(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    posted.fault = Unavailable("away")
    with time_machine.travel(clock.now(), tick=False) as now:
        wanted(shop)
        now.shift(PATIENCE)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            [task] = handed_over(shop)
            done(shop, task)
            [row] = outbox(shop)
            assert (row["attempts"], row["dead_at"] is not None) == (attempt, attempt == MOST_ATTEMPTS)
            now.shift(600)
    assert handed_over(shop) == []


def test_a_mail_that_the_server_refuses_for_good_is_a_dead_letter_at_once(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    wanted(shop)
    posted.fault = MailRefused(550)
    [task] = handed_over(shop)
    assert done(shop, task) is False
    [row] = outbox(shop)
    assert (row["dead_at"] is not None, row["last_error"]) == (True, "MailRefused 550")


def test_a_fault_of_ours_is_counted_and_put_off(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    posted.fault = LookupError("alice@example.com is not at home")
    with time_machine.travel(clock.now(), tick=False) as now:
        wanted(shop)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            [task] = handed_over(shop)
            done(shop, task)
            [row] = outbox(shop)
            assert (row["attempts"], row["last_error"]) == (attempt, "LookupError")
            assert row["available_at"] == clock.now() + timedelta(seconds=min(2**attempt, 600))
            now.shift(600)
    assert row["dead_at"] is not None


def test_a_letter_nobody_wants_any_more_is_dropped(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    wanted(shop)
    [task] = handed_over(shop)
    with shop.database.write() as session:
        session.execute(text("UPDATE users SET deleted_at = now() WHERE id = :id"), {"id": ALICE})
    try:
        assert done(shop, task) is True
    finally:
        with shop.database.write() as session:
            session.execute(text("UPDATE users SET deleted_at = NULL WHERE id = :id"), {"id": ALICE})
    assert posted.mails == []
    assert outbox(shop) == []


def test_a_slow_server_holds_nobody_up(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    speaks, may_go_on = Event(), Event()

    class Slow:
        def send(self, mail: Mail) -> None:
            speaks.set()
            assert may_go_on.wait(PATIENCE_SECONDS)
            posted.send(mail)

    wanted(shop)
    [task] = handed_over(shop)
    with beside() as start:
        slow = start(lambda: done(replace(shop, mail=Slow()), task))
        assert speaks.wait(PATIENCE_SECONDS)
        # then no transaction is open, no row is locked, and others' events go through
        assert open_transactions(shop) == 0
        with shop.database.write() as session:
            session.execute(text("SELECT id FROM outbox_events FOR UPDATE NOWAIT"))
        make_products(shop, 1)
        wanted(shop)
        [other] = handed_over(shop)
        assert done(shop, other) is True
        # and nobody else sends the first one
        assert done(shop, task) is False
        may_go_on.set()
    assert slow.result() is True
    assert [mail.id for mail in posted.mails] == [other[0], task[0]]
    assert outbox(shop) == []


def open_transactions(shop: Shop) -> int:
    idle = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
    )
    with shop.database.read() as session:
        return int(session.execute(idle).scalar_one())


def test_a_lease_lasts_longer_than_the_slowest_mail() -> None:
    # connecting, and then three answers' time, with the longest timeout that the settings allow
    assert timedelta(seconds=4 * 60) < SENDING_FOR


def test_a_queue_that_takes_nothing_costs_a_second(office: tuple[Shop, Posted]) -> None:
    shop, posted = office
    wanted(shop, 3)
    tasks: list[Task] = []

    def fails_at_the_second(event_id: UUID, leased_until: datetime) -> None:
        if len(tasks) == 1:
            raise ConnectionError("the queue is away")
        tasks.append((event_id, leased_until))

    with time_machine.travel(clock.now(), tick=False):
        assert relay_all(shop, hand_over=fails_at_the_second) == 1
        pauses = [row["available_at"] - clock.now() for row in outbox(shop)]  # type: ignore[operator]
    assert pauses == [HANDED_OVER_FOR, timedelta(seconds=1), timedelta(seconds=1)]
    lease_ends(shop)
    for task in handed_over(shop):
        assert done(shop, task) is True
    assert len(posted.mails) == 3


def test_nothing_of_a_person_stands_in_the_outbox_or_the_log(
    office: tuple[Shop, Posted], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shop, posted = office
    lines = structlog.testing.CapturingLogger()
    monkeypatch.setattr(delivery, "log", lines)
    monkeypatch.setattr(post, "log", lines)
    caplog.set_level("DEBUG")
    answers = ("550 alice@example.com is unknown", "451 alice@example.com is greylisted", "250 OK")
    for answer in answers:
        inbox = Inbox(on_recipient=answer)
        wanted(shop)
        [task] = handed_over(shop)
        with smtp_server(inbox) as port:
            done(by_smtp(shop, port), task)
    posted.fault = ValueError("alice@example.com, Alice Moreno")
    wanted(shop)
    [task] = handed_over(shop)
    done(shop, task)
    # then
    assert sorted(str(row["last_error"]) for row in outbox(shop)) == [
        "MailRefused 550",
        "Unavailable 451",
        "ValueError",
    ]
    assert [(line.method_name, line.kwargs.get("fault")) for line in lines.calls] == [
        ("error", "MailRefused 550"),
        ("warning", "Unavailable 451"),
        ("info", None),
        ("error", "ValueError"),
    ]
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # that is the server's own
    assert "lice" not in str([lines.calls, ours, outbox(shop)])


def test_redis_is_told_while_no_row_is_locked_and_not_asked_again_when_it_is_away(committing_shop: Shop) -> None:
    shop, asked = committing_shop, []
    make_products(shop, 3)

    def away(_shop: Shop, event_id: UUID, _payload: Mapping[str, Any]) -> None:
        asked.append(event_id)
        with shop.database.write() as session:
            assert len(session.execute(text("SELECT id FROM outbox_events FOR UPDATE NOWAIT")).all()) == 3
        raise Unavailable("Redis is away")

    audience = Audience(inside={"product.changed": []}, nearby={"catalogue.changed": away})
    with time_machine.travel(clock.now(), tick=False):
        assert relay_all(shop, audience) == 3  # what nobody outside of PostgreSQL is told
        pauses = [row["available_at"] - clock.now() for row in outbox(shop)]  # type: ignore[operator]
    assert pauses == [timedelta(seconds=1)] * 3
    assert {(row["attempts"], row["last_error"]) for row in outbox(shop)} == {(0, "Unavailable: Redis is away")}
    assert len(asked) == 1


def test_a_relay_that_dies_while_it_tells_redis_leaves_the_rest_to_the_next_one(committing_shop: Shop) -> None:
    shop, told = committing_shop, []
    make_products(shop, 3)

    class Death(BaseException):
        pass

    def dies_at_the_second(_shop: Shop, event_id: UUID, _payload: Mapping[str, Any]) -> None:
        told.append(event_id)
        if len(told) == 2:
            raise Death

    audience = Audience(inside={"product.changed": []}, nearby={"catalogue.changed": dies_at_the_second})
    with time_machine.travel(clock.now(), tick=False) as now:
        with pytest.raises(Death):
            relay_all(shop, audience)
        assert relay_all(shop, audience) == 0
        now.shift(5)
        assert relay_all(shop, audience) == 3
    assert sorted(told) == sorted([*told[:2], *{*told}])
    assert outbox(shop) == []
