"""Queries of the audit log, for admins."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.pagination import After, First
from graphql_api.permissions import Permission
from graphql_api.types.audit import AuditConnection
from models.audit_entry import AuditAction
from services.accounts.audit import AuditQuery, list_entries
from utils.ids import parse_id


@strawberry.type
class AuditLogQuery:
    """What admins ask about what was done."""

    @root_field(Permission.ADMIN, "The audit log, the newest entry first, page by page; every condition must hold.")
    def audit_log(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        actor_id: Annotated[str | None, argument(description="Only what this account did.")] = None,
        subject_id: Annotated[str | None, argument(description="Only what was done to this thing.")] = None,
        subject_type: Annotated[
            str | None, argument(description="Only what was done to such things, as `product` or `staff`.")
        ] = None,
        action: Annotated[AuditAction | None, argument(description="Only acts of this kind.")] = None,
        since: Annotated[
            datetime | None, argument(name="from", description="Only what happened then or later.")
        ] = None,
        until: Annotated[datetime | None, argument(description="Only what happened then or earlier.")] = None,
    ) -> AuditConnection:
        """Relay's list."""
        query = AuditQuery(
            first=first,
            after=after,
            actor_id=None if actor_id is None else parse_id(actor_id, "actorId"),
            subject_id=None if subject_id is None else parse_id(subject_id, "subjectId"),
            subject_type=subject_type,
            action=action,
            since=since,
            until=until,
        )
        return AuditConnection(page=list_entries(info.context.session, query), query=query)
