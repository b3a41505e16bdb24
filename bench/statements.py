"""What PostgreSQL is asked for one operation, as its own log has it; and the same for pgbench to repeat."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

from app import create_app
from bench import goods, requests
from bench.grounds import Grounds
from bench.requests import Operation
from launch import Servers
from launch.postgres import DATABASE, ROLE, SUPERUSER

_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+ \[\d+\] (\w+): {2}(.*)$")
_END = re.compile(r";\s*(?:\n|$)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


@contextmanager
def logged(servers: Servers) -> Iterator[Callable[[Callable[[], object]], list[str]]]:
    """Makes PostgreSQL log every statement of connections opened in this block.

    Gives a function that runs an act and returns the statements it sent, in their order.
    """

    def record(act: Callable[[], object]) -> list[str]:
        begin = servers.postgres.log.stat().st_size
        act()
        return _statements(servers.postgres.log, begin)

    _set(servers, f"ALTER ROLE {ROLE} SET log_statement = 'all'")
    try:
        yield record
    finally:
        _set(servers, f"ALTER ROLE {ROLE} RESET log_statement")


def of_operations(grounds: Grounds) -> dict[str, list[str]]:
    """What PostgreSQL got for each operation of a warm shop, message by message.

    "from PostgreSQL" is the first read after a change, or the first at all.
    """
    token = grounds.tokens[0]
    order = requests.create_order(token, [third[0] for third in goods.THIRDS])
    with logged(grounds.servers) as record, grounds.opened() as shop:
        client = create_app(shop).test_client()

        def post(operation: Operation) -> None:
            answer = client.post(
                "/graphql", data=operation.body, content_type="application/json", headers=dict(operation.headers)
            )
            if answer.status_code != 200 or b'"errors"' in answer.data:
                raise RuntimeError(answer.get_data(as_text=True))

        # Opens the connections, and gives the customer a second order.
        post(requests.create_order(token, [third[-1] for third in goods.THIRDS]))
        found = {"createOrder": record(lambda: post(order))}
        # The order has ended what the cache had of the first product, and nobody has read the page yet.
        for name, operation in (("product", requests.product()), ("page", requests.page())):
            found[f"{name} from PostgreSQL"] = record(lambda asked=operation: post(asked))  # type: ignore[misc]
            post(operation)  # the page's products come into the cache when the page is first read from it
            found[f"{name} from Redis"] = record(lambda asked=operation: post(asked))  # type: ignore[misc]
        post(requests.get_orders(token))
        found["getOrders, products from Redis"] = record(lambda: post(requests.get_orders(token)))
    return found


def separate(messages: list[str]) -> list[str]:
    """The statements of these messages, one by one: a message may carry several, each ended in its own line."""
    return [each.strip() for message in messages for each in _END.split(message) if each.strip()]


def shape(statements: list[str]) -> list[str]:
    """The statements with their values blotted out, for comparing."""
    return [_LITERAL.sub("?", " ".join(each.split())).rstrip("; ") for each in statements]


def pgbench_script(statements: list[str]) -> str:
    """These statements of one order, for random goods, fresh ids and pgbench's client as the customer.

    pgbench puts numbers in the place of variables, inside literals as well: every id is written around one. `n`, which
    the command line starts, grows with every order, so fresh ids rise as UUIDv7 do.
    """
    known = {
        **{goods.product_id(third[0]): f"{goods.PRODUCT_PREFIX}:p{place}" for place, third in enumerate(goods.THIRDS)},
        goods.customer_id(0): f"{goods.CUSTOMER_PREFIX}:client_id",
    }

    def placed(match: re.Match[str]) -> str:
        fresh = f":n-{len(known):04x}-7000-8000-00000000000:client_id"
        return known.setdefault(match[0], fresh)

    draws = [f"\\set p{place} random({third[0]}, {third[-1]})" for place, third in enumerate(goods.THIRDS)]
    lines = [*draws, "\\set n :n + 1", *(f"{_UUID.sub(placed, each)};" for each in statements)]
    return "\n".join(lines) + "\n"


def _set(servers: Servers, statement: str) -> None:
    server = servers.postgres
    with closing(
        psycopg2.connect(host="127.0.0.1", port=server.port, user=SUPERUSER, password=server.password, dbname=DATABASE)
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _statements(log: Path, begin: int) -> list[str]:
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode().splitlines()
    found: list[str] = []
    for line in lines:
        entry = _ENTRY.match(line)
        if entry is not None:
            found.append(entry[2].removeprefix("statement: ") if entry[2].startswith("statement: ") else "")
        elif found:
            found[-1] += "\n" + line.removeprefix("\t")
    return [each.strip() for each in found if each.strip()]
