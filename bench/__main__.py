"""Runs the whole bench: one table for people, one line of JSON per figure in bench/results.jsonl."""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping

from bench import figures, finding, freshness, goods, importing, logins, machine, outbox, pricing, rounds, statements
from bench.figures import Figure, Target
from bench.freshness import Kept
from bench.grounds import THREADS, WORKERS, prepared
from bench.logins import Rush
from bench.machine import Memory, Starts
from bench.outbox import Delivered
from bench.rounds import CLIENTS, Compared
from launch import LaunchError
from services.catalogue.stock.stock import list_discrepancies
from utils.config import SettingsError

_HELLO = f"bare Flask hello, same gunicorn ({WORKERS} workers of {THREADS} threads), {CLIENTS} connections"
_PGBENCH = f"pgbench, the same statements, {CLIENTS} clients, durable"
# Yardstick and program share what others leave, but not alike: pgbench's many processes get more of it.
_BEARABLE = 0.1
_LEAST_OF_HELLO = {
    "cached answer": 1.2,
    "page from Redis": 0.35,
    "page from PostgreSQL": 0.25,
    "page with the caller's prices": 0.25,
    "me": 0.25,
}


def main() -> int:
    """The exit status: 0 when everything was measured, whether or not targets were met; 1 when it could not be."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: under a minute, and noisier")
    quick = parser.parse_args().quick
    began = time.monotonic()
    try:
        machine.refuse_foreign_servers()
        taken = machine.taken_by_others()
        found = _measured(quick=quick)
    except (RuntimeError, LaunchError, SettingsError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    figures.write(found)
    print(figures.as_table(found))
    if taken > _BEARABLE:
        print(f"\nOther programs took {taken:.0%} of the processors before the start: ratios come out too low.")
    print(f"\n{time.monotonic() - began:.0f} s; as JSON in {figures.RESULTS}")
    return 0


def _measured(*, quick: bool) -> list[Figure]:
    with prepared() as grounds:
        delivered = outbox.measured(grounds, rounds=1 if quick else 3, count=1000 if quick else 3000)
        asked = statements.of_operations(grounds)
        reads = rounds.pages(grounds, count=3 if quick else 9, seconds=0.8 if quick else 1.5)
        wrong = freshness.stale(grounds, writes=1000 if quick else 10_000)
        kept = freshness.kept(grounds, seconds=3 if quick else 10)
        order = statements.separate(asked["createOrder"])
        placed = rounds.orders(grounds, order, count=2 if quick else 5, seconds=2 if quick else 4)
        rush = logins.rush(grounds, count=2 if quick else 5, seconds=2 if quick else 4)
        memory = machine.memory(grounds.shop.worker_pids)
        imported = importing.seconds(grounds)
        with grounds.opened() as shop, shop.database.read() as session:
            if list_discrepancies(session):
                raise RuntimeError("stock counts and ledger differ after the bench")
    searched = finding.figures(finding.SIZES[: 1 if quick else 2])
    return [
        *_ratios(reads, placed),
        *finding.as_figures(searched),
        *_fresh(wrong, 1000 if quick else 10_000, kept),
        *_rushed(rush),
        _relayed(delivered),
        *_costs(memory, machine.starts()),
        *_counts(asked),
        _imported(imported),
        *pricing.figures(rounds=3 if quick else 11),
    ]


def _ratios(reads: Mapping[str, Compared], placed: Compared) -> Iterator[Figure]:
    for name, compared in reads.items():
        least = _LEAST_OF_HELLO.get(name)
        yield from _ratio(name, compared, _HELLO, Target(least, "at least") if least else None)
    yield from _ratio("createOrder of 3 lines", placed, _PGBENCH, Target(0.40, "at least"))


def _ratio(name: str, compared: Compared, against: str, target: Target | None) -> list[Figure]:
    remark = f"{compared.rate:.0f}/s beside {compared.yardstick_rate:.0f}/s"
    return [
        Figure(name, compared.ratio, "ratio", against, remark, target),
        Figure(f"{name}, median answer", compared.median_ms, "ms", f"{CLIENTS} connections at full load"),
    ]


def _fresh(wrong: int, writes: int, kept: Kept) -> Iterator[Figure]:
    against = f"of {writes} first reads after acknowledged writes, {freshness.PAIRS} writers"
    yield Figure("stale answers", wrong, "count", against, "", Target(1, "below"))
    against = f"pages of 20 of {goods.COUNT} goods at random, 3 of them in each order"
    remark = f"{kept.reads_a_second:.0f} reads/s beside {kept.orders_a_second:.0f} orders/s"
    yield Figure("hit rate while orders are placed", kept.hit_rate, "ratio", against, remark, Target(0.8, "at least"))


def _rushed(rush: Rush) -> Iterator[Figure]:
    against = f"the same without logins; a page from Redis every {logins.EVERY_SECONDS * 1000:.0f} ms"
    remark = f"{rush.rush_p99_ms:.1f} ms beside {rush.idle_p99_ms:.1f} ms; {rush.logins_a_second:.0f} logins/s answered"
    yield Figure(f"p99 while {logins.AT_ONCE} log in at once", rush.ratio, "ratio", against, remark, Target(3, "below"))
    yield Figure("memory of a worker after logins", rush.megabytes, "MB", "the largest", "", Target(200, "below"))


def _relayed(delivered: Delivered) -> Figure:
    against = "plain Celery tasks with the same effect (a row), one worker process, durable"
    remark = f"{delivered.events:.0f}/s beside {delivered.tasks:.0f}/s"
    return Figure("outbox events, effect committed", delivered.ratio, "ratio", against, remark, Target(0.5, "at least"))


def _costs(memory: Memory, starts: Starts) -> Iterator[Figure]:
    yield Figure("memory of a worker", memory.megabytes, "MB", f"after load, {memory.kind}", "", Target(120, "below"))
    yield Figure("first start", starts.first, "s", "manage.py serve to healthy, empty folder")
    yield Figure("second start", starts.second, "s", "manage.py serve to healthy, again", "", Target(5, "below"))


def _imported(seconds: float) -> Figure:
    against = f"{importing.COUNT} new products as CSV, durable, in one transaction"
    return Figure("import of 100,000 products", seconds, "s", against, "", Target(60, "below"))


def _counts(asked: Mapping[str, list[str]]) -> Iterator[Figure]:
    for name, messages in asked.items():
        sent = statements.separate(messages)
        remark = f"in {len(messages)} messages" if len(messages) < len(sent) else ""
        yield Figure(f"statements of {name}", len(sent), "count", "PostgreSQL's log, BEGIN and COMMIT too", remark)


if __name__ == "__main__":
    sys.exit(main())
