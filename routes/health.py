"""The door for whoever asks whether the shop is well: load balancers, hosts, people."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

from flask import Blueprint, Response, jsonify

from utils import clock
from utils.errors import Unavailable
from wiring import Shop

# A probe gives up soon; an answer that comes too late is none.
PATIENCE_SECONDS = 0.8


class _Probe:
    """Asks one server, in a thread of its own; while it waits for the answer, nobody asks a second time.

    A frozen server answers when it is thawed and not before: if every caller asked anew, threads would pile up.
    """

    def __init__(self, ping: Callable[[], None]) -> None:
        self._ping = ping
        self._lock = Lock()
        # The thread begins with the first question: it would not survive the fork of a preloaded program.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="health")
        self._asked: Future[bool] | None = None

    def ask(self) -> Future[bool]:
        """Whether the server is up, once it is known."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._thread.submit(self._is_up)
            return self._asked

    def _is_up(self) -> bool:
        try:
            self._ping()
        except Unavailable:
            return False
        return True


def make_blueprint(shop: Shop) -> Blueprint:
    """GET /health: 200 healthy, 200 degraded without Redis, 503 unhealthy without PostgreSQL; under a second each."""
    blueprint = Blueprint("health", __name__)
    probes = {"database": _Probe(shop.database.ping), "redis": _Probe(shop.cache.ping)}

    @blueprint.get("/health")
    def health() -> Response:
        asked = {name: probe.ask() for name, probe in probes.items()}
        wait(asked.values(), timeout=PATIENCE_SECONDS)
        up = {name: answer.done() and answer.result() for name, answer in asked.items()}
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
