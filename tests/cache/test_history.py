"""No reader is ever told something older than a write that was acknowledged before: random histories of a shop."""

import pytest
import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.cache.history import History
from wiring import Shop


def run(
    shop: Shop,
    client: redis.Redis,
    *,
    histories: int,
    steps: int,
    derandomize: bool,
    of: type[History] = History,
) -> None:
    """Runs so many histories of so many steps, of this kind."""

    class Here(of):  # type: ignore[misc,valid-type]
        pass

    Here.shop, Here.client = shop, client
    wanted = settings(
        max_examples=histories,
        stateful_step_count=steps,
        derandomize=derandomize,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(Here, settings=wanted)


def test_short_histories(committing_shop: Shop, redis_client: redis.Redis) -> None:
    run(committing_shop, redis_client, histories=12, steps=25, derandomize=True)


@pytest.mark.long
def test_long_histories(committing_shop: Shop, redis_client: redis.Redis) -> None:
    run(committing_shop, redis_client, histories=400, steps=60, derandomize=False)
