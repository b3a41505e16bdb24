"""What PostgreSQL is asked for one operation, as its own log has it; and the same for pgbench to repeat."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zlib import crc32

import psycopg2

from app import create_app
from bench import goods, requests
from bench.grounds import Grounds
from bench.requests import Operation
from launch import Servers
from launch.postgres import DATABASE, ROLE, SUPERUSER

_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+ \[(\d+)\] (\w+): {2}(.*)$")
_PREPARE = re.compile(r"PREPARE (\w+) (.*)", re.DOTALL)
_EXECUTE = re.compile(r"EXECUTE (\w+)")
_END = re.compile(r";\s*(?:\n|$)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Between a call and what was prepared for it.
_OF = "\n-- of "
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


@contextmanager
def logged(servers: Servers) -> Iterator[Callable[[Callable[[], object]], list[str]]]:
    """Makes PostgreSQL log every statement of connections opened in this block.

    Gives a function that runs an act and returns the statements it sent, in their order.
    """

    def record(act: Callable[[], object]) -> list[str]:
        begin = servers.postgres.log.stat().st_size
        act()
        return _statements(servers.postgres.log, opened, begin)

    opened = servers.postgres.log.stat().st_size
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
    return [_LITERAL.sub("?", " ".join(executed(each).split())).rstrip("; ") for each in statements]


def executed(statement: str) -> str:
    """A statement as it is sent, EXECUTE and the values, without what was prepared for it (see `_statements`)."""
    return statement.partition(_OF)[0]


def pgbench_script(statements: list[str]) -> str:
    """These statements of one order, for random goods, fresh ids and pgbench's client as the customer.

    What they execute, each of pgbench's connections prepares once, as the shop's do. pgbench puts numbers in the place
    of variables, inside literals as well: every id is written around one. `n`, which the command line starts, grows
    with every order, so fresh ids rise as UUIDv7 do.
    """
    known = {
        **{goods.product_id(third[0]): f"{goods.PRODUCT_PREFIX}:p{place}" for place, third in enumerate(goods.THIRDS)},
        goods.customer_id(0): f"{goods.CUSTOMER_PREFIX}:client_id",
    }

    def placed(match: re.Match[str]) -> str:
        if match[0].startswith(goods.DISCOUNT_PREFIX):
            return match[0]
        fresh = f":n-{len(known):04x}-7000-8000-00000000000:client_id"
        return known.setdefault(match[0], fresh)

    draws = [f"\\set p{place} random({third[0]}, {third[-1]})" for place, third in enumerate(goods.THIRDS)]
    prepared = dict.fromkeys(each.partition(_OF)[2] for each in statements if _OF in each)
    first = ["\\if :prepared = 0", *(f"{each};" for each in prepared), "\\set prepared 1", "\\endif"]
    sent = [f"{_UUID.sub(placed, executed(each))};" for each in statements]
    lines = [*draws, "\\set n :n + 1", *first, *sent]
    return "\n".join(lines) + "\n"


def _set(servers: Servers, statement: str) -> None:
    server = servers.postgres
    with closing(
        psycopg2.connect(host="127.0.0.1", port=server.port, user=SUPERUSER, password=server.password, dbname=DATABASE)
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _statements(log: Path, opened: int, begin: int) -> list[str]:
    """The statements in the log from `begin` on, none that prepares another one.

    Behind one that executes a prepared one stands what that is; its connection prepared it after `opened`. Connections
    number theirs as they come; here each has its own name wherever it was prepared.
    """
    known: dict[tuple[str, str], tuple[str, str]] = {}
    found: list[str] = []
    for place, connection, message in _messages(log, opened):
        if not message.startswith("statement: "):
            continue
        statement = message.removeprefix("statement: ").strip().removesuffix(";")
        if prepare := _PREPARE.match(statement):
            own = f"p{crc32(' '.join(prepare[2].split()).encode()):08x}"
            known[connection, prepare[1]] = own, f"PREPARE {own} {prepare[2]}"
        elif place >= begin:
            if execute := _EXECUTE.match(statement):
                own, what = known[connection, execute[1]]
                statement = f"EXECUTE {own}{statement[execute.end() :]}{_OF}{what}"
            found.append(statement)
    return found


def _messages(log: Path, begin: int) -> Iterator[tuple[int, str, str]]:
    """The log's messages from there on: where each begins, of which connection it is, and what it says."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode().splitlines(keepends=True)
    place, last = begin, None
    for line in lines:
        entry = _ENTRY.match(line.rstrip("\n"))
        if entry is not None:
            if last is not None:
                yield last
            last = place, entry[1], entry[3]
        elif last is not None:
            last = last[0], last[1], f"{last[2]}\n{line.rstrip(chr(10)).removeprefix(chr(9))}"
        place += len(line.encode())
    if last is not None:
        yield last
