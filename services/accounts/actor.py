"""Who is acting: the caller of a request, as its token says."""

from dataclasses import dataclass
from uuid import UUID

from models.user import Role
from utils.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Actor:
    """An account with its role and, for staff, its departments."""

    id: UUID
    role: Role
    departments: frozenset[UUID] = frozenset()

    @property
    def is_staff(self) -> bool:
        """Whether the actor works for the shop; an admin does."""
        return self.role in (Role.STAFF, Role.ADMIN)

    @property
    def is_admin(self) -> bool:
        """Whether the actor may do everything."""
        return self.role is Role.ADMIN

    def require_department(self, department_id: UUID) -> None:
        """Refuses (FORBIDDEN) whoever does not work in this department; an admin works in all."""
        if not (self.is_admin or (self.role is Role.STAFF and department_id in self.departments)):
            raise Forbidden("This belongs to another department.")
