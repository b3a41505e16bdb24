"""What the Celery application runs, and when."""

import pytest
from sqlalchemy import text

from tests.faults.rivals import count_rows
from tests.support import make_products
from wiring import Shop
from workers import celery_app
from workers.celery_app import forget_idempotency_keys, relay_outbox


@pytest.fixture
def shop(committing_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop that the tasks work for."""
    monkeypatch.setattr(celery_app, "shop", lambda: committing_shop)
    return committing_shop


def test_the_clock_knows_every_task_of_ours() -> None:
    beat = celery_app.celery_app.conf.beat_schedule.values()
    assert {entry["task"]: entry["schedule"] for entry in beat} == {
        "relay_outbox": 1.0,
        "forget_idempotency_keys": 3600.0,
    }
    assert {name for name in celery_app.celery_app.tasks if not name.startswith("celery.")} == {
        entry["task"] for entry in beat
    }
    # What waited behind a worker that was away is not run many times over when it is back.
    assert all(entry["options"]["expires"] <= max(5.0, entry["schedule"]) for entry in beat)


def test_the_worker_waits_for_a_broker_that_does_not_answer() -> None:
    """An acknowledgement given up would block the worker for ever (tests/faults has the long form)."""
    options = celery_app.celery_app.conf.broker_transport_options
    assert "socket_timeout" not in options
    assert options["socket_connect_timeout"] == 3
    assert options["socket_keepalive"] is True


def test_the_relay_hands_on_what_is_due(shop: Shop) -> None:
    make_products(shop, 3)
    assert count_rows(shop.database, "outbox_events") == 3
    assert relay_outbox() == 3
    assert count_rows(shop.database, "outbox_events") == 0


def test_idempotency_keys_are_forgotten_after_two_days(shop: Shop) -> None:
    add = text(
        "INSERT INTO idempotency_keys (caller, key, field, arguments_hash, result_id, created_at) "
        "VALUES ('caller', :key, 'field', '', gen_random_uuid(), now() - CAST(:age AS interval))"
    )
    with shop.database.write() as session:
        for key, age in (("old", "49 hours"), ("young", "47 hours")):
            session.execute(add, {"key": key, "age": age})
    assert forget_idempotency_keys() == 1
    with shop.database.read() as session:
        assert session.scalars(text("SELECT key FROM idempotency_keys")).all() == ["young"]
