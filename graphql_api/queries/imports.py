"""Queries of imports, for staff."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.pagination import First
from graphql_api.permissions import Permission
from graphql_api.types.imports import ImportJob, as_job
from services.catalogue.importing import jobs
from utils.ids import parse_id


@strawberry.type
class ImportsQuery:
    """What staff ask about files of products."""

    @root_field(Permission.PRODUCTS, "The import with this id; staff see their own, admins all.")
    def import_job(self, info: Info, id: Annotated[str, argument(description="The job's id.")]) -> ImportJob | None:
        """Null for one that does not exist or is another's."""
        found = jobs.find_job(info.context.session, parse_id(id, "id"), actor=info.context.actor)
        return None if found is None else as_job(found)

    @root_field(
        Permission.PRODUCTS, "The newest imports; staff see their own, admins all. They are kept for thirty days."
    )
    def import_jobs(self, info: Info, first: First = 20) -> list[ImportJob]:
        """The newest first."""
        return [as_job(row) for row in jobs.list_jobs(info.context.session, first=first, actor=info.context.actor)]
