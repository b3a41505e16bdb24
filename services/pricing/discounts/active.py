"""The discounts that count at present, as the calculator takes them: kept as one entry of the cache."""

from functools import lru_cache
from zlib import crc32

from services.catalogue.kept import Kept
from services.catalogue.reader import Reader
from services.pricing.calculating.facts import Rule
from services.pricing.calculating.windows import next_change
from services.pricing.calculating.written_rules import rules_of
from services.pricing.tags import DISCOUNTS
from utils.cache import ENTRY_SECONDS

# Sets stand as sorted lists. A target's side has its goods, none of them if all were deleted.
_KINDS = {"products": "product_id", "categories": "category_id", "collections": "collection_id", "brands": "brand_id"}
_LISTS = ", ".join(
    f"'{kind}', coalesce(json_agg(t.{column} ORDER BY t.{column}) FILTER (WHERE t.{column} IS NOT NULL), '[]')"
    for kind, column in _KINDS.items()
)
_GOODS = f"""(SELECT json_build_object({_LISTS})
  FROM discount_targets AS t WHERE t.discount_id = d.id AND t.side = '{{side}}')"""  # noqa: S608 - of fixed parts
_SORTED = """ARRAY(SELECT each FROM unnest(d.{column}) AS each ORDER BY each COLLATE "C")"""
# A rule as calculating/written.py writes it: the fields of facts.Rule by their names.
RULE = f"""json_build_object(
 'id', d.id, 'version', d.version, 'name', d.name, 'kind', d.kind, 'applies_to', d.applies_to,
 'percent', d.percent::text, 'amounts', d.amounts, 'steps', d.steps,
 'buy_quantity', d.buy_quantity, 'get_quantity', d.get_quantity,
 'targets', CASE WHEN NOT d.all_goods THEN {_GOODS.format(side="reduced")} END,
 'bought', CASE WHEN d.bought_apart THEN {_GOODS.format(side="bought")} END,
 'tiers', {_SORTED.format(column="tiers")}, 'region_codes', {_SORTED.format(column="region_codes")},
 'for_named_customers', d.for_named_customers, 'first_order_only', d.first_order_only,
 'min_amounts', d.min_amounts, 'min_quantity', d.min_quantity,
 'starts_at', d.starts_at, 'ends_at', d.ends_at, 'windows', d.windows,
 'needs_code', d.needs_code, 'per_customer_limit', d.per_customer_limit,
 'is_exhausted', coalesce(d.used_count >= d.total_limit, false),
 'priority', d.priority, 'exclusive_group', d.exclusive_group,
 'combines_with', {_SORTED.format(column="combines_with")})::text"""
# Those that begin while an entry lives are among them: the calculator looks at the clock again.
ACTIVE = f"""d.is_active AND (d.ends_at IS NULL OR d.ends_at > %(now)s)
 AND (d.starts_at IS NULL OR d.starts_at <= CAST(%(now)s AS timestamptz) + interval '{ENTRY_SECONDS} seconds')"""
_ENTRIES = f"SELECT {RULE} FROM discounts AS d WHERE {ACTIVE} ORDER BY d.id"  # noqa: S608 - of fixed parts
_KEY = f"discounts:{crc32(_ENTRIES.encode()):08x}"


def active_rules(reader: Reader, *, time_zone: str) -> tuple[Rule, ...]:
    """The discounts that staff have switched on and that are not over, by id; those used up are marked so.

    By this process's memory or the cache while nothing changed, else from PostgreSQL by one statement. Those that begin
    within a minute are among them, and those for others or by codes: whom a rule is for, and when, the calculator
    decides. What is made of them holds until one of them begins or ends, or a weekly window opens or closes in
    `time_zone` (the shop's, an IANA name), at the longest.
    """
    return _kept(time_zone).get(reader)


@lru_cache(maxsize=8)
def _kept(time_zone: str) -> Kept[tuple[Rule, ...]]:
    def decode(reader: Reader, entry: bytes) -> tuple[Rule, ...]:
        rules = rules_of(entry)
        change = next_change(rules, reader.now, time_zone)
        if change is not None:
            reader.until = min(reader.until, change)
        return rules

    return Kept(_KEY, DISCOUNTS, read=_read, decode=decode)


def _read(reader: Reader) -> bytes:
    return b"[" + b",".join(reader.entries(_ENTRIES, {})) + b"]"
