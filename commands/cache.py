"""Commands for the cache."""

import click

from commands.opening import opened

_MEGABYTE = 2**20


@click.group("cache")
def cache() -> None:
    """Look at the cache of the catalogue, or empty it."""


@cache.command("stats")
def show_stats() -> None:
    """Tell how many answers came out of the cache since it was last cleared, and what it holds."""
    with opened() as shop:
        found = shop.cache.stats()
    for kind in ("hit", "miss", "bypass"):
        click.echo(f"{kind:<18} {found.counted.get(kind, 0):>10}")
    answered = found.counted.get("hit", 0) + found.counted.get("miss", 0)
    if answered:
        click.echo(f"{'hits of those kept':<18} {found.counted.get('hit', 0) / answered:>10.1%}")
    for kind, number in found.kept.items():
        click.echo(f"{kind:<18} {number:>10}")
    bound = f" of {found.most_bytes / _MEGABYTE:.0f}" if found.most_bytes else ""
    click.echo(f"{'memory, MB':<18} {found.used_bytes / _MEGABYTE:>10.1f}{bound}")
    click.echo(f"{'evicted':<18} {found.evicted:>10}")


@cache.command("clear")
def clear() -> None:
    """End every entry and every whole answer at once; the next reads fill the cache anew."""
    with opened() as shop:
        shop.cache.clear()
    click.echo("The cache is empty.")
