"""Measures side by side: yardstick and program take turns within a round, so that a noisy minute hits both."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from random import Random
from statistics import median

from bench import requests, statements
from bench.grounds import Grounds
from bench.load import Measured, drive
from launch.postgres import DATABASE, ROLE
from launch.wheels import postgres_program

CLIENTS = 8
_TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_WARM_UP_SECONDS = 1.0
# Ids of one round of pgbench; far more than it makes.
_IDS_PER_ROUND = 1_000_000
_FIRST_ID = 10_000_000


@dataclass(frozen=True, slots=True)
class Compared:
    """The median over the rounds of what was measured in each: the ratio, both rates, and the middle answer's time."""

    ratio: float
    rate: float
    yardstick_rate: float
    median_ms: float


def pages(grounds: Grounds, *, count: int, seconds: float) -> dict[str, Compared]:
    """Reads of the catalogue against hello, over HTTP with 8 connections each."""
    page, product = repeat(requests.page().as_http()), repeat(requests.product().as_http())
    priced = requests.pages_of_callers(grounds.tokens, Random(2))
    turns: dict[str, tuple[int, Iterator[bytes]]] = {
        "hello": (grounds.hello.port, repeat(requests.HELLO)),
        "cached answer": (grounds.shop.port, page),
        "page from Redis": (grounds.shop_without_answers.port, page),
        "product from Redis": (grounds.shop_without_answers.port, product),
        "page with the caller's prices": (grounds.shop.port, priced),
        "page with the caller's prices, made anew": (grounds.shop_without_answers.port, priced),
        "me": (grounds.shop.port, repeat(requests.me(grounds.tokens[0]).as_http())),
        "page from PostgreSQL": (grounds.shop_without_cache.port, page),
        "product from PostgreSQL": (grounds.shop_without_cache.port, product),
    }
    for port, sent in turns.values():
        drive(port, sent, connections=CLIENTS, seconds=_WARM_UP_SECONDS)
    measured: dict[str, list[Measured]] = {name: [] for name in turns}
    for _ in range(count):
        for name, (port, sent) in turns.items():
            measured[name].append(drive(port, sent, connections=CLIENTS, seconds=seconds))
    hello = [each.rate for each in measured.pop("hello")]
    return {name: _compared(rounds, hello) for name, rounds in measured.items()}


def orders(grounds: Grounds, order: list[str], *, count: int, seconds: float) -> Compared:
    """createOrder over HTTP with 8 clients against pgbench running the same statements with 8."""
    script = statements.pgbench_script(order)
    _prove_same(grounds, script, order)
    sent = requests.random_orders(grounds.tokens, Random(1))
    drive(grounds.shop.port, sent, connections=CLIENTS, seconds=_WARM_UP_SECONDS)
    over_http: list[Measured] = []
    by_pgbench: list[float] = []
    for number in range(1, count + 1):
        by_pgbench.append(_pgbench(grounds, script, number, ["-c", str(CLIENTS), "-j", "2", "-T", str(round(seconds))]))
        over_http.append(drive(grounds.shop.port, sent, connections=CLIENTS, seconds=seconds))
    return _compared(over_http, by_pgbench)


def _compared(measured: list[Measured], yardstick: list[float]) -> Compared:
    return Compared(
        ratio=median(each.rate / beside for each, beside in zip(measured, yardstick, strict=True)),
        rate=median(each.rate for each in measured),
        yardstick_rate=median(yardstick),
        median_ms=median(each.median_ms for each in measured),
    )


def _prove_same(grounds: Grounds, script: str, order: list[str]) -> None:
    """RuntimeError unless PostgreSQL sees from pgbench, in count and order, what it saw from createOrder."""
    with statements.logged(grounds.servers) as record:
        seen = record(lambda: _pgbench(grounds, script, 0, ["-c", "1", "-t", "1"]))
    if statements.shape(statements.separate(seen)) != statements.shape(order):
        raise RuntimeError("\n\n".join(["pgbench runs other statements than createOrder:", *seen, "and not:", *order]))


def _pgbench(grounds: Grounds, script: str, number: int, arguments: list[str]) -> float:
    """Transactions a second; RuntimeError when one failed."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        start = _FIRST_ID + number * _IDS_PER_ROUND
        done = subprocess.run(
            [
                str(postgres_program("pgbench")),
                *(
                    "--no-vacuum",
                    "--protocol=simple",
                    f"--file={file.name}",
                    f"--define=n={start}",
                    "--define=prepared=0",
                ),
                *("--host=127.0.0.1", f"--port={grounds.servers.postgres.port}", f"--username={ROLE}"),
                *arguments,
                DATABASE,
            ],
            env={**os.environ, "PGPASSWORD": grounds.servers.postgres.password},
            capture_output=True,
            text=True,
        )
    found = _TPS.search(done.stdout)
    if done.returncode != 0 or found is None:
        raise RuntimeError(f"pgbench failed:\n{done.stdout}{done.stderr}")
    return float(found[1])
