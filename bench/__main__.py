"""Runs the whole bench: one table for people, one line of JSON per figure in bench/results.jsonl."""

import argparse
import sys
import time

from bench import figures, machine, rounds, statements
from bench.figures import Figure, Target
from bench.grounds import THREADS, WORKERS, prepared
from bench.rounds import CLIENTS, Compared
from launch import LaunchError
from services.catalogue.stock import list_discrepancies
from utils.config import SettingsError

_HELLO = f"bare Flask hello, same gunicorn ({WORKERS} workers of {THREADS} threads), {CLIENTS} connections"
_PGBENCH = f"pgbench, the same statements, {CLIENTS} clients, durable"
_LEAST_OF_HELLO = {"page from Redis": 0.30, "page from PostgreSQL": 0.20}


def main() -> int:
    """The exit status: 0 when everything was measured, whether or not targets were met; 1 when it could not be."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: under a minute, and noisier")
    quick = parser.parse_args().quick
    began = time.monotonic()
    try:
        machine.refuse_foreign_servers()
        found = _measured(quick=quick)
    except (RuntimeError, LaunchError, SettingsError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    figures.write(found)
    print(figures.as_table(found))
    print(f"\n{time.monotonic() - began:.0f} s; as JSON in {figures.RESULTS}")
    return 0


def _measured(*, quick: bool) -> list[Figure]:
    found: list[Figure] = []
    with prepared() as grounds:
        asked = statements.of_operations(grounds)
        order = statements.without_pings(asked["createOrder"])
        reads = rounds.pages(grounds, count=3 if quick else 9, seconds=0.8 if quick else 1.5)
        placed = rounds.orders(grounds, order, count=2 if quick else 5, seconds=2 if quick else 4)
        memory = machine.memory(grounds.shop.worker_pids)
        with grounds.opened() as shop, shop.database.read() as session:
            if list_discrepancies(session):
                raise RuntimeError("stock counts and ledger differ after the bench")
    for name, compared in reads.items():
        least = _LEAST_OF_HELLO.get(name)
        found += _ratio(name, compared, _HELLO, Target(least, "at least") if least else None)
    found += _ratio("createOrder of 3 lines", placed, _PGBENCH, Target(0.40, "at least"))
    found.append(
        Figure("memory of a worker", memory.megabytes, "MB", f"after load, {memory.kind}", "", Target(120, "below"))
    )
    starts = machine.starts()
    found.append(Figure("first start", starts.first, "s", "manage.py serve to healthy, empty folder"))
    found.append(
        Figure("second start", starts.second, "s", "manage.py serve to healthy, again", "", Target(5, "below"))
    )
    for name, sent in asked.items():
        own = statements.without_pings(sent)
        remark = f"and {len(sent) - len(own)} pings of the pool" if len(sent) > len(own) else ""
        found.append(
            Figure(f"statements of {name}", len(own), "count", "PostgreSQL's log, BEGIN and COMMIT too", remark)
        )
    return found


def _ratio(name: str, compared: Compared, against: str, target: Target | None) -> list[Figure]:
    remark = f"{compared.rate:.0f}/s beside {compared.yardstick_rate:.0f}/s"
    return [
        Figure(name, compared.ratio, "ratio", against, remark, target),
        Figure(f"{name}, median answer", compared.median_ms, "ms", f"{CLIENTS} connections at full load"),
    ]


if __name__ == "__main__":
    sys.exit(main())
