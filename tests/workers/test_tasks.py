"""What the Celery application runs, when, and on which queue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from celery.schedules import crontab
from celery.signals import worker_ready
from sqlalchemy import select, text

from models import AccountLink, IdempotencyKey, StaffInvitation, User, UserSession
from models.account_link import LinkPurpose
from services.accounts.letters import LETTER_WANTED, Letter, want
from services.accounts.linking import make_link
from services.accounts.reading import find_user
from services.accounts.sessions import SESSIONS_ENDED, Device, end_session, open_session, require_live
from services.catalogue.changes import CATALOGUE_CHANGED
from services.catalogue.images.images import IMAGE_UPLOADED
from services.catalogue.importing.jobs import IMPORT_WANTED
from services.catalogue.products.product_news import PRODUCT_CHANGED, PRODUCTS_IMPORTED
from services.catalogue.stock import stock_marks
from services.catalogue.stripe_products import PUSH_WANTED, SYNC_WANTED
from services.orders.moving import ORDER_STATUS_CHANGED
from services.pricing.tags import customer_tag
from tests.faults.rivals import count_rows
from tests.services.evidence import news_of, nothing_changed
from tests.services.pricing import schedule_price, told_price
from tests.services.tiers import add_orders, changes, kept
from tests.services.using_discounts import shown_customer
from tests.support import ALICE, BOB, make_products
from tests.workers.posted import Posted, outbox, posting
from utils import clock
from utils.cache import Cache
from utils.errors import Unauthenticated, Unavailable
from utils.ids import new_id
from wiring import Shop
from workers import celery_app
from workers.celery_app import (
    categorize_customers,
    categorize_customers_if_due,
    deliver_event,
    forget_outdated,
    relay_outbox,
    settle_prices,
)
from workers.listeners import AUDIENCE


@pytest.fixture
def office(committing_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[Shop, Posted]:
    """The shop that the tasks work for, and its mail."""
    shop, posted = posting(committing_shop)
    monkeypatch.setattr(celery_app, "shop", lambda: shop)
    return shop, posted


def test_the_clock_knows_every_task_of_ours_but_the_one_that_the_relay_sends() -> None:
    beat = celery_app.celery_app.conf.beat_schedule.values()
    assert {entry["task"]: entry["schedule"] for entry in beat} == {
        "relay_outbox": 1.0,
        "settle_prices": 1.0,
        "forget_outdated": 3600.0,
        "count_popularity": 3600.0,
        # Once a day.
        "categorize_customers": crontab(hour="3", minute="17"),
        # Where that hour was missed.
        "categorize_customers_if_due": 3600.0,
    }
    assert {name for name in celery_app.celery_app.tasks if not name.startswith("celery.")} == {
        "relay_outbox",
        "settle_prices",
        "forget_outdated",
        "count_popularity",
        "categorize_customers",
        "categorize_customers_if_due",
        "deliver_event",
    }
    # What waited behind a worker that was away is not run many times over when it is back.
    every = [86400.0 if isinstance(entry["schedule"], crontab) else entry["schedule"] for entry in beat]
    assert all(entry["options"]["expires"] <= max(5.0, each) for entry, each in zip(beat, every, strict=True))


NONE_OF_FILES = dict.fromkeys(
    ("imports", "unused images", "files of no image", "unfinished files", "thumbnails asked for again"), 0
)


def test_every_event_is_heard_in_one_way() -> None:
    ways = (AUDIENCE.inside, AUDIENCE.nearby, AUDIENCE.outside)
    assert sorted(name for way in ways for name in way) == sorted(
        [
            CATALOGUE_CHANGED,
            SESSIONS_ENDED,
            LETTER_WANTED,
            IMAGE_UPLOADED,
            IMPORT_WANTED,
            PRODUCT_CHANGED,
            PRODUCTS_IMPORTED,
            PUSH_WANTED,
            SYNC_WANTED,
            ORDER_STATUS_CHANGED,
            *stock_marks.NAMES.values(),
        ]
    )


def test_what_may_be_slow_has_a_queue_of_its_own() -> None:
    router = celery_app.celery_app.amqp.router
    queues = {
        name: router.route({}, name)["queue"].name for name in ("relay_outbox", "forget_outdated", "deliver_event")
    }
    assert queues == {"relay_outbox": "default", "forget_outdated": "default", "deliver_event": "mail"}


def test_the_worker_waits_for_a_broker_that_does_not_answer() -> None:
    """An acknowledgement given up would block the worker for ever (tests/faults has the long form)."""
    options = celery_app.celery_app.conf.broker_transport_options
    assert "socket_timeout" not in options
    assert options["socket_connect_timeout"] == 3
    assert options["socket_keepalive"] is True


def test_the_relay_hands_on_what_is_due(office: tuple[Shop, Posted]) -> None:
    shop, _ = office
    make_products(shop, 3)
    # Of each product the cache is told, and whoever keeps Stripe in step.
    assert count_rows(shop.database, "outbox_events") == 6
    assert relay_outbox() == 6
    assert count_rows(shop.database, "outbox_events") == 0


def test_the_relay_sends_a_task_for_a_letter_that_is_good_as_long_as_its_lease(
    office: tuple[Shop, Posted], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, posted = office
    sent: list[tuple[tuple[str, str], datetime]] = []

    def note(arguments: tuple[str, str], *, expires: datetime) -> None:
        sent.append((arguments, expires))

    monkeypatch.setattr(deliver_event, "apply_async", note)
    with shop.database.write() as session:
        want(session, Letter.PASSWORD_CHANGED, ALICE)
    assert relay_outbox() == 1
    [(arguments, expires)] = sent
    [row] = outbox(shop)
    assert (arguments[0], expires) == (str(row["id"]), row["available_at"])
    assert deliver_event(*arguments) is True
    assert [mail.to for mail in posted.mails] == ["alice@example.com"]
    assert outbox(shop) == []


def test_the_relay_ends_sessions_whose_writer_died(
    office: tuple[Shop, Posted], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, _ = office
    with shop.database.write() as session:
        user = find_user(session, ALICE)
        assert user is not None
        opened = open_session(session, user, keeper=shop.keeper, device=Device())
    session_id = shop.tokens.read(opened.access_token).session_id
    assert session_id is not None
    require_live(shop.cache, session_id, reading=never)

    def dead(*_: object, **__: object) -> None:
        raise Unavailable("the writer died before it could tell Redis")

    with monkeypatch.context() as dying:
        dying.setattr(Cache, "renew", dead)
        with shop.database.write() as session:
            end_session(session, session_id, user_id=ALICE, cache=shop.cache)
    require_live(shop.cache, session_id, reading=never)  # Redis does not know yet
    # when
    assert [row["name"] for row in outbox(shop)] == [SESSIONS_ENDED]
    assert relay_outbox() == 1
    # then
    with shop.database.read() as reading, pytest.raises(Unauthenticated):
        require_live(shop.cache, session_id, reading=lambda: reading)


def never() -> Any:
    raise AssertionError("PostgreSQL was asked")


def test_what_is_past_its_time_is_forgotten(office: tuple[Shop, Posted]) -> None:
    shop, _ = office
    moment = clock.now()
    with shop.database.write() as session:
        kept = {each: make_link(session, LinkPurpose.PASSWORD_RESET, ALICE, email="alice@example.com") for each in "ab"}
        session.execute(
            text("UPDATE account_links SET expires_at = :then WHERE id = :id"),
            {"id": kept["a"], "then": moment - timedelta(seconds=1)},
        )
        for key, age in (("old", 49), ("young", 47)):
            made = moment - timedelta(hours=age)
            session.add(
                IdempotencyKey(
                    caller="caller", key=key, field="field", arguments_hash=b"", result_id=new_id(), created_at=made
                )
            )
        for name, age in (("old", 1), ("young", -1)):
            session.add(invitation(f"{name}@example.com", moment - timedelta(seconds=age)))
            session.add(
                User(
                    email=f"{name}@nowhere.example",
                    name=name,
                    password_hash="!",
                    created_at=moment - timedelta(days=30, seconds=age),
                )
            )
            session.add(stay(moment - timedelta(seconds=age)))
    assert forget_outdated() == {
        "idempotency keys": 1,
        "sessions": 1,
        "links": 1,
        "invitations": 1,
        "unproven accounts": 1,
        **NONE_OF_FILES,
    }
    with shop.database.read() as session:
        assert session.scalars(select(IdempotencyKey.key)).all() == ["young"]
        assert session.scalars(select(AccountLink.id)).all() == [kept["b"]]
        assert session.scalars(select(StaffInvitation.email)).all() == ["young@example.com"]
        left = session.scalars(select(UserSession.expires_at).where(UserSession.id != UserSession.user_id)).all()
    assert left == [moment + timedelta(seconds=1)]
    assert forget_outdated() == {
        "idempotency keys": 0,
        "sessions": 0,
        "links": 0,
        "invitations": 0,
        "unproven accounts": 0,
        **NONE_OF_FILES,
    }


def invitation(email: str, expires_at: datetime) -> StaffInvitation:
    return StaffInvitation(email=email, role="staff", departments=[], rights=[], expires_at=expires_at)


def stay(expires_at: datetime) -> UserSession:
    began = expires_at - timedelta(days=1)
    return UserSession(id=new_id(), user_id=ALICE, created_at=began, last_used_at=began, expires_at=expires_at)


def test_the_task_s_arguments_are_words_that_travel(office: tuple[Shop, Posted]) -> None:
    with time_machine.travel(clock.now(), tick=False):
        assert deliver_event(str(UUID(int=1)), clock.now().isoformat()) is False


def test_prices_are_settled_when_their_moment_has_come(office: tuple[Shop, Posted]) -> None:
    shop, _ = office
    [tea] = make_products(shop, 1, price="10")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        schedule_price(shop, tea, "8", clock.now() + timedelta(hours=1))
        assert settle_prices() == 0
        traveller.shift(3600)
        assert settle_prices() == 1
        assert told_price(shop, tea) == "8.00"
        assert settle_prices() == 0


def test_tiers_are_repaired_by_the_shop_s_thresholds(
    office: tuple[Shop, Posted], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, _ = office
    add_orders(shop, ALICE, 3)
    assert categorize_customers() == {"checked": 1, "corrected": 1, "moved": 0}
    other = shop.settings.model_copy(update={"tier_silver_orders": 2, "tier_gold_orders": 3})
    monkeypatch.setattr(celery_app, "shop", lambda: replace(shop, settings=other))
    assert categorize_customers() == {"checked": 1, "corrected": 1, "moved": 1}
    assert kept(shop, ALICE) == ("gold", 3)
    assert categorize_customers() == {"checked": 1, "corrected": 0, "moved": 0}


@pytest.mark.parametrize("task", [categorize_customers, categorize_customers_if_due])
def test_a_repair_ends_what_is_kept_of_those_whose_tier_is_another_and_of_nobody_else(
    office: tuple[Shop, Posted], counted_sql: Callable[[], Any], task: Callable[[], dict[str, int]]
) -> None:
    # given what the cache keeps of one whose tier is wrong, and of one of whom only the count is
    shop, _ = office
    for customer in (ALICE, BOB):
        assert [shown_customer(shop, customer).tier for _ in range(2)] == ["bronze", "bronze"]
    add_orders(shop, ALICE, 21)
    add_orders(shop, BOB, 20)
    # when
    assert task() == {"checked": 2, "corrected": 2, "moved": 1}
    # then the next request is told of the tier, and of the other from the cache
    assert shown_customer(shop, ALICE).tier == "silver"
    with counted_sql() as statements:
        assert shown_customer(shop, BOB).has_ordered is False
    assert statements == []
    assert [each["tags"] for each in news_of(shop.database, CATALOGUE_CHANGED)] == [[customer_tag(ALICE)]]


def test_a_night_that_was_missed_is_made_good_an_hour_later_at_most(office: tuple[Shop, Posted]) -> None:
    shop, _ = office
    with time_machine.travel(clock.now(), tick=False) as traveller:
        assert categorize_customers() == {"checked": 0, "corrected": 0, "moved": 0}
        add_orders(shop, ALICE, 21)
        for _ in range(23):
            traveller.shift(3600)
            with nothing_changed(shop.database):
                assert categorize_customers_if_due() == {}
        traveller.shift(3600)
        assert categorize_customers_if_due() == {"checked": 1, "corrected": 1, "moved": 1}
        # and the nightly one comes all the same
        assert categorize_customers() == {"checked": 1, "corrected": 0, "moved": 0}
        assert changes(shop, ALICE) == [("bronze", "silver", 21, "repair")]


def test_a_worker_that_starts_looks_whether_a_night_was_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[float] = []
    monkeypatch.setattr(categorize_customers_if_due, "apply_async", lambda *, expires: sent.append(expires))
    assert [fault for _, fault in worker_ready.send(sender=None)] == [None]
    assert sent == [3600.0]
