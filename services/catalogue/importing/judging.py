"""Judges the lines of a file against the shop and against one another: what they name, what they would double."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from services.accounts.actor import Actor
from services.catalogue.importing.families import find_families
from services.catalogue.importing.faults import Faults
from services.catalogue.importing.refusing import Rule, refuse
from services.catalogue.products.families import MOST_MEMBERS
from services.catalogue.products.product_values import LARGEST_STOCK
from utils import money
from utils.database import run
from utils.errors import ErrorCode

_OF_ONE = [
    Rule("t.category_id IS NULL", "category", ErrorCode.NOT_FOUND, "There is no category {}.", detail="t.category"),
    Rule("t.is_new AND t.price IS NULL", "price", ErrorCode.INVALID_INPUT, "A new product needs a price."),
    Rule("t.is_new AND t.stock_count IS NULL", "stockCount", ErrorCode.INVALID_INPUT, "A new product needs a stock."),
    Rule(
        "t.old_currency <> %(currency)s AND (t.price IS NOT NULL OR t.currency IS NOT NULL)",
        "currency",
        ErrorCode.INVALID_INPUT,
        "This product is priced in {}.",
        detail="t.old_currency",
    ),
    Rule(
        "(t.content_amount IS NULL) <> (t.content_unit IS NULL)",
        "contentAmount",
        ErrorCode.INVALID_INPUT,
        "contentAmount and contentUnit go together.",
    ),
    Rule(
        "t.publish_from >= t.publish_until",
        "publishUntil",
        ErrorCode.INVALID_INPUT,
        "publishFrom must be before publishUntil.",
    ),
    Rule(
        "t.price_was <> t.old_price AND t.price <> t.old_price",
        "price",
        ErrorCode.CONFLICT,
        "The price changed meanwhile, it is {} now. Export this product again.",
        detail="round(t.old_price, %(decimals)s)",
    ),
    Rule(
        "t.old_stock + t.stock_change < 0",
        "stockCount",
        ErrorCode.OUT_OF_STOCK,
        "So many pieces cannot be taken away: there are only {} now.",
        detail="t.old_stock",
    ),
    Rule(
        f"t.old_stock + t.stock_change > {LARGEST_STOCK}",
        "stockCount",
        ErrorCode.INVALID_INPUT,
        f"The stock must be at most {LARGEST_STOCK}, and there are {{}} now.",
        detail="t.old_stock",
    ),
]
_COUNTED_ALREADY = Rule(
    "t.stock_change IS NOT NULL",
    "stockCount",
    ErrorCode.CONFLICT,
    "This very file was taken in before, and a difference of stock counts once. Export again.",
)
# What is unique in the shop: as the message calls it, its column, and how two of them are compared.
_UNIQUE = [
    ("slug", "slug", "{}.slug"),
    ("sku", "sku", "upper({}.sku)"),
    ("barcode", "barcode", "lpad({}.barcode, 14, '0')"),
]
# No value holds a control character, so joined they stay apart.
_VARIANT = "({0}.family_id, lower(array_to_string({0}.option_values, chr(31))))"
# Who joins a family, after those who are in it and those of the lines before.
_TOO_MANY = Rule(
    f"same.line = t.line AND same.place > {MOST_MEMBERS}",
    "familyId",
    ErrorCode.CONFLICT,
    f"A family has at most {MOST_MEMBERS} products.",
    source=(
        "(SELECT t.line, coalesce(present.members, 0) + row_number() OVER (PARTITION BY t.family_id ORDER BY t.line)"
        " AS place FROM import_targets AS t LEFT JOIN (SELECT family_id, count(*) AS members FROM products"
        " WHERE family_id IS NOT NULL GROUP BY family_id) AS present ON present.family_id = t.family_id"
        " WHERE NOT t.refused AND t.family_id IS NOT NULL AND t.family_id IS DISTINCT FROM t.old_family_id) AS same"
    ),
)
_OF_OTHER_DEPARTMENTS = Rule(
    "(t.is_new OR t.differs) AND NOT (t.department_id = ANY(CAST(%(departments)s AS uuid[]))"
    " AND (t.is_new OR t.old_department_id = ANY(CAST(%(departments)s AS uuid[]))))",
    "category",
    ErrorCode.FORBIDDEN,
    "This belongs to another department.",
)
# What a line makes of a product, beside what the product is; what the file does not give is the product's own.
_AS_IT_IS = (
    "p.slug, p.name, p.description, p.unit, p.status, p.category_id, p.sku, p.barcode, p.brand_id, p.tags, p.tax_class,"
    " p.content_amount, p.content_unit, p.publish_from, p.publish_until, p.family_id, p.option_values, p.low_stock_at,"
    " p.price, p.stock_count, false"
)
_AS_IT_IS_TO_BE = (
    "t.slug, t.name, t.description, t.unit, t.status, t.category_id, t.sku, t.barcode, t.brand_id, t.tags, t.tax_class,"
    " t.content_amount, t.content_unit, t.publish_from, t.publish_until, t.family_id, t.option_values, t.low_stock_at,"
    " coalesce(t.price, p.price), coalesce(t.stock_count, p.stock_count + coalesce(t.stock_change, 0)),"
    " t.brand_id IS NULL AND t.brand IS NOT NULL"
)
_FIND_DIFFERENCES = f"""
UPDATE import_targets AS t SET differs = true FROM products AS p
WHERE p.id = t.id AND NOT t.is_new AND NOT t.refused AND ({_AS_IT_IS}) IS DISTINCT FROM ({_AS_IT_IS_TO_BE})
"""  # noqa: S608 - of this module's own words
_FIND_THEM_AGAIN = f"""
UPDATE import_targets AS t SET old_price = p.price, old_stock = p.stock_count,
    stock_count = coalesce(t.stock_count, p.stock_count + t.stock_change),
    differs = ({_AS_IT_IS}) IS DISTINCT FROM ({_AS_IT_IS_TO_BE})
FROM products AS p WHERE p.id = t.id AND t.differs AND NOT t.refused
"""  # noqa: S608


def judge(
    session: Session, faults: Faults, *, actor: Actor | None, currency: str, is_counted_already: bool = False
) -> None:
    """Refuses lines that cannot be, and finds which of the others change anything.

    Codes: NOT_FOUND for a category or a family that is not there; INVALID_INPUT for what a product cannot be; CONFLICT
    for what another product has, or another line, for a price that is no more what the file says it was, and for a
    difference of stock in a file that `is_counted_already`; OUT_OF_STOCK for one that takes away more than there is;
    FORBIDDEN for a change in a department that is not the actor's.
    """
    if is_counted_already:
        refuse(session, faults, [_COUNTED_ALREADY])
    refuse(session, faults, _OF_ONE, currency=currency, decimals=money.exponent(currency))
    find_families(session, faults)
    refuse(session, faults, _taken())
    refuse(session, faults, _doubled())
    refuse(session, faults, [_TOO_MANY])
    run(session, _FIND_DIFFERENCES, {})
    if actor is not None and not actor.is_admin:
        refuse(session, faults, [_OF_OTHER_DEPARTMENTS], departments=[str(each) for each in actor.departments])


def find_differences_again(session: Session) -> None:
    """What changes of the products that are locked now: a price or a stock may be another than a moment ago."""
    run(session, _FIND_THEM_AGAIN, {})


def _taken() -> Iterator[Rule]:
    """What another product has cannot be had, even if a line of the same file takes it away from there."""
    other = "p.id <> t.id AND {} = {}"
    for name, column, key in _UNIQUE:
        condition = other.format(key.format("p"), key.format("t"))
        message = f"Another product has the {name} {{}}."
        yield Rule(condition, column, ErrorCode.CONFLICT, message, source="products AS p", detail=f"t.{column}")
    condition = f"t.family_id IS NOT NULL AND {other.format(_VARIANT.format('p'), _VARIANT.format('t'))}"
    message = "Another product of this family has these options."
    yield Rule(condition, "options", ErrorCode.CONFLICT, message, source="products AS p")


def _doubled() -> Iterator[Rule]:
    """Two lines for one product, or with one name for two."""
    yield _double("t.id", "t.id IS NOT NULL", None, "Line {} means the same product.")
    for name, column, key in _UNIQUE:
        yield _double(key.format("t"), f"t.{column} IS NOT NULL", column, f"Line {{}} has the same {name}.")
    yield _double(
        _VARIANT.format("t"), "t.family_id IS NOT NULL", "options", "Line {} is of this family and has these options."
    )


def _double(key: str, condition: str, field: str | None, message: str) -> Rule:
    first = (
        f"(SELECT t.line, min(t.line) OVER (PARTITION BY {key}) AS first FROM import_targets AS t"  # noqa: S608
        f" WHERE NOT t.refused AND {condition}) AS same"
    )
    return Rule(
        "same.line = t.line AND same.first < t.line",
        field,
        ErrorCode.CONFLICT,
        message,
        source=first,
        detail="same.first",
    )
