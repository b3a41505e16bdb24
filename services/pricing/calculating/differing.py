"""Where two explanations of a price, as JSON holds them, are not the same."""

from collections.abc import Iterator, Mapping

# What near misses of 0.4.0 and 0.4.1 were kept without.
_LATER = frozenset({"kind", "applies_to", "lines"})


def different(stored: object, now: object, where: str = "") -> Iterator[str]:
    """One sentence for each place that differs; what near misses did not tell when they were stored is passed over."""
    if isinstance(stored, Mapping) and isinstance(now, Mapping):
        later = _LATER - stored.keys() if where.startswith("near_misses[") else ()
        for key in sorted({*stored, *now}.difference(later)):
            yield from different(stored.get(key), now.get(key), f"{where}.{key}" if where else str(key))
    elif isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now):
        for place, (before, after) in enumerate(zip(stored, now, strict=True)):
            yield from different(before, after, f"{where}[{place}]")
    elif isinstance(stored, list) and isinstance(now, list):
        yield f"{where}: {len(stored)} stored, {len(now)} now"
    elif stored != now:
        yield f"{where}: {stored} stored, {now} now"
