"""The Celery application: its broker, its queues, its clock and its tasks."""

import logging
import socket
from functools import cache

from celery import Celery
from celery.signals import setup_logging

from services import idempotency
from utils.config import SettingsError, load_settings_or_exit
from wiring import Shop, build
from workers import relay

RELAY_SECONDS = 1.0
HOUR_SECONDS = 3600.0
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
    task_ignore_result=True,
    task_acks_late=True,
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
        "forget-idempotency-keys": {
            "task": "forget_idempotency_keys",
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


@cache
def shop() -> Shop:
    """The shop this worker works for, built at its first task."""
    return build(_settings)


@celery_app.task(name="relay_outbox")
def relay_outbox() -> int:
    """Hands on all events that are due; returns how many."""
    return relay.relay_all(shop())


@celery_app.task(name="forget_idempotency_keys")
def forget_idempotency_keys() -> int:
    """Deletes idempotency keys past their time; returns how many."""
    with shop().database.write() as session:
        return idempotency.forget_old(session)
