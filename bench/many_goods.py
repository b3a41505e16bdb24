"""A shop of any size to search in: words as often as in a language, a hundred categories, a thousand brands."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import accumulate, islice
from random import Random
from uuid import UUID

from sqlalchemy import text

from demo.many_words import FIRST_WORDS, KINDS, SECOND_WORDS
from utils.database import Database

GROUPS, SHELVES = 10, 10
TAGS = tuple(f"tag{n}" for n in range(200))
BRANDS = tuple(f"{first} {second}" for first in FIRST_WORDS.split(", ") for second in SECOND_WORDS.split(", "))
_VOCABULARY = 30_000
_SYLLABLES = "ba be bi bo bra bu ca co da de di do dra fa fe fi flo ga ge gli go ka ki ko la le li lo lu ma me mi mo"
_MORE = "mu na ne ni no pa pe pi plo po ra re ri ro ru sa se shi so sta su ta te ti to tra tu va ve vi vo za ze zi zo"
_ADD_CATEGORIES = text(
    """
    INSERT INTO categories (id, slug, name, position, department_id, parent_id)
    SELECT CAST(:prefix || lpad(CAST(n AS text), 4, '0') AS uuid), 'bench-' || n, 'Bench Shelf ' || n, n,
           (SELECT id FROM departments ORDER BY slug LIMIT 1),
           CASE WHEN n >= :groups THEN CAST(:prefix || lpad(CAST(n % :groups AS text), 4, '0') AS uuid) END
    FROM generate_series(0, :groups + :groups * :shelves - 1) AS n
    """
)
_ADD_BRANDS = text(
    "INSERT INTO brands (id, slug, name, created_at) SELECT CAST(:prefix || lpad(CAST(n AS text), 4, '0') AS uuid),"
    " 'bench-' || n, name, :moment FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS made (name, n)"
)
_COPY = (
    "COPY products (id, slug, name, description, unit, price, currency, stock_count, status, category_id, created_at,"
    " updated_at, sku, barcode, brand_id, tags, popularity) FROM STDIN"
)
_CATEGORY, _BRAND, _PRODUCT = "00000000-0000-7000-a000-00000000", "00000000-0000-7000-b000-00000000", 0x7000C << 76
_START = datetime(2025, 1, 1, tzinfo=UTC)
_PER_COPY = 50_000


def group_id(number: int) -> UUID:
    """A category that has ten below it, and no product of its own; from 0 to 9."""
    return UUID(f"{_CATEGORY}{number:04}")


def shelf_id(number: int) -> UUID:
    """A category with a hundredth of all products; from 0 to 99."""
    return UUID(f"{_CATEGORY}{GROUPS + number:04}")


def brand_id(number: int) -> UUID:
    """One of the brands; from 0 to 999."""
    return UUID(f"{_BRAND}{number + 1:04}")


def sku(number: int) -> str:
    """The stock-keeping unit of a product, from 0 up."""
    return f"BENCH-{number:08}"


def vocabulary() -> tuple[str, ...]:
    """Made-up words that can be spoken, the same ones each time; the first is to be the most frequent."""
    random, syllables = Random(1), f"{_SYLLABLES} {_MORE}".split()
    made: dict[str, None] = {}
    while len(made) < _VOCABULARY:
        made["".join(random.choices(syllables, k=random.choice((2, 3, 3, 4))))] = None
    return tuple(made)


def frequencies() -> list[float]:
    """How often each word of the vocabulary comes (Zipf's law with Mandelbrot's offset: articles are no goods)."""
    return [1 / (rank + 50) for rank in range(_VOCABULARY)]


def fill(database: Database, count: int) -> None:
    """Adds the categories, the brands and so many products, and lets PostgreSQL look at them as it would at night."""
    with database.write() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(_ADD_CATEGORIES, {"prefix": _CATEGORY, "groups": GROUPS, "shelves": SHELVES})
        session.execute(_ADD_BRANDS, {"prefix": _BRAND, "names": list(BRANDS), "moment": _START})
    rows = _rows(count)
    while batch := list(islice(rows, _PER_COPY)):
        with database.write() as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))
            driver = session.connection().connection.driver_connection
            assert driver is not None
            with driver.cursor() as cursor:
                cursor.copy_expert(_COPY, StringIO("".join(batch)))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM (ANALYZE) products, brands, categories, search_words, search_word_variants"))
        connection.execute(text("RESET statement_timeout"))


def _rows(count: int) -> Iterator[str]:
    random, words = Random(2), vocabulary()
    weights = list(accumulate(frequencies()))
    lines = KINDS.strip("\n").splitlines()
    kinds = [
        f"{variety} {kind.split(' | ')[1]}"
        for kind, varieties in zip(lines[::2], lines[1::2], strict=True)
        for variety in varieties.strip().split(", ")
    ]
    for number in range(count):
        brand = min(int(random.paretovariate(0.8)), len(BRANDS)) - 1
        said = random.choices(words, cum_weights=weights, k=14)
        moment = _START + timedelta(seconds=30 * number)
        yield _row(number, random, brand, random.choice(kinds), said, moment.isoformat())


def _row(number: int, random: Random, brand: int, kind: str, said: Sequence[str], moment: str) -> str:
    tags = ",".join(sorted(set(random.choices(TAGS, k=random.randrange(5)))))
    shelf = random.randrange(GROUPS * SHELVES)
    cents = int(100 * random.lognormvariate(2.5, 1))
    values = (
        UUID(int=number << 80 | _PRODUCT | number), f"bench-{number}", f"{BRANDS[brand]} {kind} {' '.join(said[:2])}",
        f"{' '.join(said[2:]).capitalize()}.", "each", f"{cents / 100:.2f}", "USD", random.choice((0, *range(1, 20))),
        "published", shelf_id(shelf), moment, moment, sku(number), f"{10**12 + number}", brand_id(brand),
        f"{{{tags}}}", min(int(random.paretovariate(1)) - 1, 10_000),
    )  # fmt: skip
    return "\t".join(map(str, values)) + "\n"
