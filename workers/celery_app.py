"""The Celery application: its broker, its queues, its clock and its tasks."""

import logging
import socket
from datetime import datetime
from functools import cache
from uuid import UUID

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_ready

from services.catalogue.prices import settling
from utils.config import SettingsError, load_settings_or_exit
from wiring import Shop, build
from workers import delivery, forgetting, popularity, relay, thumbnails, tiers

RELAY_SECONDS = 1.0
SETTLE_SECONDS = 1.0
HOUR_SECONDS = 3600.0
# What a slow server may hold up stands in a queue of its own: the worker takes from its queues in turn.
MAIL_QUEUE = "mail"
# A broker that vanished without a word is noticed in about half a minute. One that merely does not answer is waited
# for: an acknowledgement that timed out would take the worker's slot with it, and no task would ever run again.
_KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}

_settings = load_settings_or_exit()
celery_app = Celery("commerce-backend", set_as_current=True)
celery_app.conf.update(
    broker_url=_settings.celery_broker_url or "redis://broker-is-not-set",
    broker_connection_retry_on_startup=True,
    # A broker that is away for long comes back all the same.
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": HOUR_SECONDS,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        # Not every system has all of them.
        "socket_keepalive_options": {
            getattr(socket, name): value for name, value in _KEEPALIVE.items() if hasattr(socket, name)
        },
    },
    task_default_queue="default",
    task_routes={"deliver_event": {"queue": MAIL_QUEUE}},
    task_ignore_result=True,
    # Acknowledged when they begin: a lost task comes again by the clock or when its event's lease ends. Of one that is
    # not acknowledged when the queue goes away, the library (kombu 5.7) dies while it tries to give it back.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    # Threads: tasks wait for servers more than they compute, and a process each costs 80 MB.
    worker_pool="threads",
    worker_concurrency=_settings.worker_concurrency,
    timezone="UTC",
    beat_schedule={
        # A second old is too old: the next beat is there already, so that no queue builds up behind a slow one.
        "relay-outbox": {
            "task": "relay_outbox",
            "schedule": RELAY_SECONDS,
            "options": {"expires": 5 * RELAY_SECONDS},
        },
        "settle-prices": {
            "task": "settle_prices",
            "schedule": SETTLE_SECONDS,
            "options": {"expires": 5 * SETTLE_SECONDS},
        },
        "count-popularity": {
            "task": "count_popularity",
            "schedule": HOUR_SECONDS,
            "options": {"expires": HOUR_SECONDS},
        },
        "forget-outdated": {
            "task": "forget_outdated",
            "schedule": HOUR_SECONDS,
            "options": {"expires": HOUR_SECONDS},
        },
        # At night where most shops are; by the clock, so that a worker that is started anew each day does it too.
        "categorize-customers": {
            "task": "categorize_customers",
            "schedule": crontab(hour="3", minute="17"),
            "options": {"expires": HOUR_SECONDS},
        },
        # A host that slept at that hour, or lost the clock's file, makes it good.
        "categorize-customers-if-due": {
            "task": "categorize_customers_if_due",
            "schedule": HOUR_SECONDS,
            "options": {"expires": HOUR_SECONDS},
        },
    },
)


@setup_logging.connect
def _keep_our_logs(**_: object) -> None:
    """Celery leaves logging to wiring.build; the relay's every second is no news."""
    try:
        shop()
    except SettingsError as refusal:
        raise SystemExit(str(refusal)) from None
    for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


@worker_ready.connect
def _make_good_what_was_missed(**_: object) -> None:
    """An hour may be longer than a host is awake, and a clock without its file begins to count at its start."""
    categorize_customers_if_due.apply_async(expires=HOUR_SECONDS)


@cache
def shop() -> Shop:
    """The shop this worker works for, built at its first task."""
    return build(_settings)


@celery_app.task(name="relay_outbox")
def relay_outbox() -> int:
    """Hands on all events that are due; returns how many."""
    return relay.relay_all(shop(), hand_over=_hand_over)


@celery_app.task(name="settle_prices")
def settle_prices() -> int:
    """Writes the prices whose time has come to their products, so that no shopper waits for it; returns how many."""
    return settling.settle_when_due(shop().database, shop().cache)


@celery_app.task(name="deliver_event")
def deliver_event(event_id: str, leased_until: str) -> bool:
    """Delivers one event to a server outside, if this is still its lease; says whether it did."""
    return delivery.deliver(shop(), UUID(event_id), leased_until=datetime.fromisoformat(leased_until))


@celery_app.task(name="count_popularity")
def count_popularity() -> int:
    """Writes how popular each product is now; returns how many are otherwise than before."""
    return popularity.count_popularity(shop())


@celery_app.task(name="categorize_customers")
def categorize_customers() -> dict[str, int]:
    """Corrects the tiers of customers that are not what their orders say; returns how many were looked at, and were.

    Nothing, and an empty answer, while another repair is at work.
    """
    repair = tiers.categorize_customers(shop())
    return {} if repair is None else repair._asdict()


@celery_app.task(name="categorize_customers_if_due")
def categorize_customers_if_due() -> dict[str, int]:
    """The same if it was not done for a day, by the clock or by hand; else nothing, and an empty answer."""
    repair = tiers.categorize_customers(shop(), only_if_due=True)
    return {} if repair is None else repair._asdict()


@celery_app.task(name="forget_outdated")
def forget_outdated() -> dict[str, int]:
    """Deletes what is past its time; returns how many of each kind."""
    database, storage = shop().database, shop().storage
    forgotten = forgetting.forget_outdated(database)
    return forgotten | thumbnails.forget_images(database, storage) | thumbnails.ask_again(database, storage)


def _hand_over(event_id: UUID, leased_until: datetime) -> None:
    # A task that comes to its turn after the lease is done by another one.
    deliver_event.apply_async((str(event_id), leased_until.isoformat()), expires=leased_until)
