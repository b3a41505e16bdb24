"""How gunicorn's processes and threads share connections: evenly, and nobody keeps a thread from others."""

import http.client
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from launch.processes import descendants, free_port
from tests.faults.own import Web, running, variables_of
from tests.faults.rivals import eventually
from wiring import Shop


@contextmanager
def serving(shop: Shop, log: Path, *, processes: int, threads: int) -> Iterator[Web]:
    """gunicorn as the program starts it."""
    port = free_port()
    given = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WEB_CONCURRENCY": str(processes),
        "WEB_THREADS": str(threads),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:app"]
    with running(command, variables_of(shop) | given, log) as program:
        web = Web(program, port)
        eventually(lambda: is_healthy(web), "gunicorn is healthy")
        yield web


def is_healthy(web: Web) -> bool:
    """Whether /health answers 200 now."""
    try:
        return web.get("/health").status == 200
    except OSError:
        return False


def ask(line: http.client.HTTPConnection) -> None:
    """One request on a connection that stays open."""
    line.request("GET", "/health")
    answer = line.getresponse()
    assert (answer.status, answer.read() != b"") == (200, True)


def connections_of(process: int, port: int) -> int:
    """How many callers of this port the process has (Linux keeps such lists in /proc)."""
    open_ones = {
        fields[9]
        for fields in (line.split() for line in Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:])
        if fields[1].endswith(f":{port:04X}") and fields[3] == "01"
    }
    links = [link.readlink().name for link in Path(f"/proc/{process}/fd").iterdir() if link.is_symlink()]
    return sum(link.removeprefix("socket:[").removesuffix("]") in open_ones for link in links)


def opened(web: Web, lines: ExitStack, count: int) -> None:
    """So many connections that stay open until the stack is left, each with one request."""
    for _ in range(count):
        line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
        lines.callback(line.close)
        line.connect()
        ask(line)


def shares(web: Web) -> list[int]:
    """How many connections each process has."""
    return [connections_of(each, web.port) for each in descendants(web.program.process.pid)]


def test_connections_that_come_at_once_are_shared_by_all_processes(committing_shop: Shop, tmp_path: Path) -> None:
    with serving(committing_shop, tmp_path / "web.log", processes=2, threads=4) as web:
        with ExitStack() as first:

            def both_are_there() -> bool:
                opened(web, first, 1)
                return all(shares(web))

            eventually(both_are_there, "the second process has begun as well")
        eventually(lambda: sum(shares(web)) == 0, "those are closed")
        with ExitStack() as lines:
            opened(web, lines, 60)
            found = shares(web)

    assert sum(found) == 60
    assert min(found) >= 5


def test_a_caller_who_never_rests_keeps_no_thread_from_others(committing_shop: Shop, tmp_path: Path) -> None:
    stopped = Event()
    answered = [0, 0]

    def chat(number: int, web: Web) -> None:
        line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
        while not stopped.is_set():
            ask(line)
            answered[number] += 1
        line.close()

    with serving(committing_shop, tmp_path / "web.log", processes=1, threads=1) as web:
        callers = [Thread(target=chat, args=(number, web)) for number in range(2)]
        for caller in callers:
            caller.start()
        began = monotonic()
        eventually(lambda: sum(answered) >= 200, "both were answered")
        assert is_healthy(web)
        assert monotonic() - began < 10
        stopped.set()
        for caller in callers:
            caller.join()

    assert min(answered) >= 50
