"""Relay connections: what every paged list of the schema is made of."""

import strawberry

from graphql_api.fields import described


@strawberry.type(description="Where a page of a connection begins and ends (Relay Cursor Connections).")
class PageInfo:
    """The Relay page information of one page."""

    has_next_page: bool = described("Whether more follow after this page.")
    has_previous_page: bool = described("Whether this page was asked for after a cursor.")
    start_cursor: str | None = described("The cursor of the first edge; null on an empty page.")
    end_cursor: str | None = described("The cursor of the last edge: pass it as `after` for the next page.")
