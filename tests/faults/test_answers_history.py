"""No answer, kept whole or made anew, is older than a write acknowledged before it was asked for."""

from collections import Counter

import pytest
import redis

from launch import Servers
from tests.cache.test_history import run
from tests.faults.answers_history import AnswersHistory, two_processes
from utils import redis_line
from wiring import Shop


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers try Redis again soon after a failure, so that what it kept meanwhile is looked at."""
    monkeypatch.setattr(redis_line, "REST_SECONDS", 0.02)


def histories(shop: Shop, servers: Servers, *, count: int, steps: int, derandomize: bool) -> Counter[str]:
    """Runs them; what became of the requests in the cache."""
    with two_processes(shop) as clients, redis.Redis.from_url(str(shop.settings.redis_url)) as client:

        class Here(AnswersHistory):
            pass

        Here.servers, Here.clients, Here.kinds = servers, clients, Counter()
        run(shop, client, histories=count, steps=steps, derandomize=derandomize, of=Here)
        return Here.kinds


@pytest.mark.usefixtures("at_once")
def test_short_histories(faulty_shop: Shop, own_servers: Servers) -> None:
    kinds = histories(faulty_shop, own_servers, count=6, steps=20, derandomize=True)
    assert kinds >= Counter(hit=100, miss=50, bypass=4)


@pytest.mark.long
@pytest.mark.usefixtures("at_once")
def test_long_histories(faulty_shop: Shop, own_servers: Servers) -> None:
    kinds = histories(faulty_shop, own_servers, count=150, steps=50, derandomize=False)
    assert kinds >= Counter(hit=10_000, miss=1_000, bypass=100)
