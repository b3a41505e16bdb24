"""Rules in JSON and back: the text under which they are kept in the cache and with orders.

Of a rule: keys are the names of its fields; decimals are strings, sets are sorted lists, times are in ISO 8601, windows
[[day, begins, ends]], steps [[quantity, "percent"]], targets null for all goods or lists of ids by kind.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from models.discount import DiscountClass, DiscountKind, Tier
from services.pricing.calculating.facts import Rule, Step, Targets, Window
from utils.remembered import Remembered

# Signs of the texts whose rules are remembered; the rules of a text take about four times as many bytes as it.
_MOST_TEXT = 4_000_000


def rules_text(rules: Sequence[Rule]) -> str:
    """The rules as canonical JSON, by id: the same rules in any order are the same text, to the byte."""
    written = [_written(rule) for rule in sorted(rules, key=lambda rule: rule.id)]
    return orjson.dumps(written, option=orjson.OPT_SORT_KEYS).decode()


def rules_of(text: str | bytes) -> tuple[Rule, ...]:
    """The rules of a text, in its order; of the same text the same object, while it is remembered.

    Refuses (ValueError, KeyError) what is no such text. What it does not say of a rule is as facts.py has it by
    default, so that a text of before a field came can be read.
    """
    return _remembered(text)


def _rules_of(text: str | bytes) -> tuple[Rule, ...]:
    return tuple(_read(each) for each in orjson.loads(text))


def rule_of(text: str | bytes) -> Rule:
    """The rule of a text that is one rule alone. Refuses what `rules_of` does."""
    return _read(orjson.loads(text))


_remembered = Remembered(_rules_of, weigh=len, most=_MOST_TEXT)


def _written(rule: Rule) -> dict[str, Any]:
    return {
        "id": str(rule.id),
        "version": rule.version,
        "name": rule.name,
        "kind": rule.kind.value,
        "applies_to": rule.applies_to.value,
        "percent": None if rule.percent is None else str(rule.percent),
        "amounts": {currency: str(amount) for currency, amount in rule.amounts.items()},
        "steps": [[step.quantity, str(step.percent)] for step in rule.steps],
        "buy_quantity": rule.buy_quantity,
        "get_quantity": rule.get_quantity,
        "targets": _targets(rule.targets),
        "bought": _targets(rule.bought),
        "tiers": sorted(each.value for each in rule.tiers),
        "region_codes": sorted(rule.region_codes),
        "for_named_customers": rule.for_named_customers,
        "first_order_only": rule.first_order_only,
        "min_amounts": {currency: str(amount) for currency, amount in rule.min_amounts.items()},
        "min_quantity": rule.min_quantity,
        "starts_at": None if rule.starts_at is None else rule.starts_at.isoformat(),
        "ends_at": None if rule.ends_at is None else rule.ends_at.isoformat(),
        "windows": [[window.day, window.begins, window.ends] for window in rule.windows],
        "needs_code": rule.needs_code,
        "per_customer_limit": rule.per_customer_limit,
        "is_exhausted": rule.is_exhausted,
        "priority": rule.priority,
        "exclusive_group": rule.exclusive_group,
        "combines_with": sorted(each.value for each in rule.combines_with),
    }


def _targets(targets: Targets | None) -> dict[str, list[str]] | None:
    if targets is None:
        return None
    kinds = ("products", "categories", "collections", "brands")
    return {kind: sorted(map(str, getattr(targets, kind))) for kind in kinds}


def _read(written: Mapping[str, Any]) -> Rule:
    say = written.get
    return Rule(
        id=UUID(written["id"]),
        version=written["version"],
        name=written["name"],
        kind=DiscountKind(written["kind"]),
        applies_to=DiscountClass(written["applies_to"]),
        percent=None if say("percent") is None else Decimal(written["percent"]),
        amounts=_read_amounts(say("amounts")),
        steps=tuple(Step(quantity, Decimal(percent)) for quantity, percent in say("steps") or ()),
        buy_quantity=say("buy_quantity"),
        get_quantity=say("get_quantity"),
        targets=_read_targets(say("targets")),
        bought=_read_targets(say("bought")),
        tiers=frozenset(map(Tier, say("tiers") or ())),
        region_codes=frozenset(say("region_codes") or ()),
        for_named_customers=say("for_named_customers", False),
        first_order_only=say("first_order_only", False),
        min_amounts=_read_amounts(say("min_amounts")),
        min_quantity=say("min_quantity"),
        starts_at=_moment(say("starts_at")),
        ends_at=_moment(say("ends_at")),
        windows=tuple(Window(day, begins, ends) for day, begins, ends in say("windows") or ()),
        needs_code=say("needs_code", False),
        per_customer_limit=say("per_customer_limit"),
        is_exhausted=say("is_exhausted", False),
        priority=say("priority", 100),
        exclusive_group=say("exclusive_group"),
        combines_with=frozenset(map(DiscountClass, say("combines_with") or ())),
    )


def _read_amounts(written: Mapping[str, str] | None) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in (written or {}).items()}


def _read_targets(written: Mapping[str, list[str]] | None) -> Targets | None:
    if written is None:
        return None
    return Targets(**{kind: frozenset(map(UUID, ids)) for kind, ids in written.items()})


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
