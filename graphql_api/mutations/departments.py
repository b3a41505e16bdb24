"""Mutations of departments, for admins."""

from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Context, Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.catalogue import Department
from services.accounts import departments
from services.accounts.departments import LONGEST_NAME
from services.catalogue.changes import announce
from services.catalogue.tags import TREE
from utils.ids import parse_id

_NAME = f"Its name, of at most {LONGEST_NAME} characters."


@strawberry.type
class DepartmentsMutation:
    """How admins divide the shop."""

    @root_field(Permission.ADMIN, "Makes a department; its slug is made of its name and must be new.")
    def create_department(self, info: Info, name: Annotated[str, argument(description=_NAME)]) -> Department | None:
        """Answers with a fresh read."""
        context = info.context
        with context.database.write() as session:
            department_id = departments.create_department(session, name, actor=context.actor)
        return _read_again(context, department_id)

    @root_field(Permission.ADMIN, "Gives a department another name; its slug stays.")
    def rename_department(
        self,
        info: Info,
        department_id: Annotated[str, argument(description="Which department.")],
        name: Annotated[str, argument(description=_NAME)],
    ) -> Department | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(department_id, "departmentId")
        with context.database.write() as session:
            departments.rename_department(session, wanted, name, actor=context.actor)
            # Categories show it. The catalogue stands above departments, so it is told here, in the same transaction.
            announce(session, context.cache, also=[TREE])
        return _read_again(context, wanted)

    @root_field(
        Permission.ADMIN,
        "Removes a department that no category, no member of staff and no open invitation names; true when done.",
    )
    def remove_department(
        self, info: Info, department_id: Annotated[str, argument(description="Which department.")]
    ) -> bool | None:
        """True, or an error."""
        context, wanted = info.context, parse_id(department_id, "departmentId")
        with context.database.write() as session:
            departments.remove_department(session, wanted, actor=context.actor)
        return True


def _read_again(context: Context, department_id: UUID) -> Department | None:
    return cast("Department | None", departments.find_department(context.fresh_session(), department_id))
