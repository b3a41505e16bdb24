"""The door for whoever asks whether the shop is well: load balancers, hosts, people."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from flask import Blueprint, Response, jsonify

from utils import clock
from utils.errors import Unavailable
from wiring import Shop

# A probe gives up soon; an answer that comes too late is none.
PATIENCE_SECONDS = 0.8


def make_blueprint(shop: Shop) -> Blueprint:
    """GET /health: 200 healthy, 200 degraded without Redis, 503 unhealthy without PostgreSQL; under a second each."""
    blueprint = Blueprint("health", __name__)
    # Made at the first probe: threads do not survive the fork of a preloaded program.
    pools: list[ThreadPoolExecutor] = []

    @blueprint.get("/health")
    def health() -> Response:
        if not pools:
            pools.append(ThreadPoolExecutor(max_workers=4, thread_name_prefix="health"))
        probes = {
            "database": pools[0].submit(_is_up, shop.database.ping),
            "redis": pools[0].submit(_is_up, shop.cache.ping),
        }
        wait(probes.values(), timeout=PATIENCE_SECONDS)
        up = {name: _answered(probe) for name, probe in probes.items()}
        status = "unhealthy" if not up["database"] else "healthy" if up["redis"] else "degraded"
        response = jsonify(
            status=status,
            timestamp=clock.now().isoformat(),
            services={name: {"status": "up" if well else "down"} for name, well in up.items()},
        )
        response.status_code = 503 if status == "unhealthy" else 200
        response.headers["Cache-Control"] = "no-store"
        return response

    return blueprint


def _is_up(ping: Callable[[], None]) -> bool:
    try:
        ping()
    except Unavailable:
        return False
    return True


def _answered(probe: Future[Any]) -> bool:
    return probe.done() and bool(probe.result())
