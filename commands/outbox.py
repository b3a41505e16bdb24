"""Commands for events that could not be delivered."""

from uuid import UUID

import click

from commands.opening import opened
from workers.outbox import list_dead, replay


@click.group()
def outbox() -> None:
    """Look after events that could not be delivered."""


@outbox.command("list")
def outbox_list() -> None:
    """List the dead letters: events that were given up."""
    with opened() as shop, shop.database.read() as session:
        dead = list_dead(session)
        for event in dead:
            click.echo(
                f"{event.id} {event.name} died {event.dead_at} after {event.attempts} attempts: {event.last_error}"
            )
        click.echo(f"{len(dead)} dead letters.")


@outbox.command("replay")
@click.argument("event_ids", nargs=-1, type=click.UUID)
@click.option("--all", "every", is_flag=True, help="All of them.")
def outbox_replay(event_ids: tuple[UUID, ...], every: bool) -> None:
    """Make dead letters due again."""
    if every == bool(event_ids):
        raise click.UsageError("Name the events, or say --all.")
    with opened() as shop, shop.database.write() as session:
        click.echo(f"{replay(session, None if every else event_ids)} events are due again.")
