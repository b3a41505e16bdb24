"""Relay connections: what every paged list of the schema is made of."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import strawberry
from strawberry import argument

from graphql_api.fields import described
from utils.cursors import MOST_PER_PAGE

T = TypeVar("T")

# What every list is asked with.
First = Annotated[int, argument(description=f"How many, from 1 to {MOST_PER_PAGE}.")]
After = Annotated[str | None, argument(description="Only those after this cursor, from the same conditions.")]
InRegion = Annotated[
    str | None,
    argument(
        description="The code of the region whose prices are told; what has no price there is not sold there, and left "
        "out. If this is left out it is the one that the header `X-Region` names, else the customer's, else the home "
        "region. A request has one region."
    ),
]


@strawberry.type(description="Where a page of a connection begins and ends (Relay Cursor Connections).")
class PageInfo:
    """The Relay page information of one page."""

    has_next_page: bool = described("Whether more follow after this page.")
    has_previous_page: bool = described("Whether this page was asked for after a cursor.")
    start_cursor: str | None = described("The cursor of the first edge; null on an empty page.")
    end_cursor: str | None = described("The cursor of the last edge: pass it as `after` for the next page.")


def page_info_of(shown: Sequence[T], cursor: Callable[[T], str], *, has_next: bool, after: str | None) -> PageInfo:
    """The page information of what a page shows, in its order; `after` is the cursor it was asked for with."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=after is not None,
        start_cursor=cursor(shown[0]) if shown else None,
        end_cursor=cursor(shown[-1]) if shown else None,
    )
