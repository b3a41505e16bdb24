"""What the shop holds about an account and all that hangs on it, for that person's copy of all data."""

from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from models import (
    AccountLink,
    Address,
    AuditEntry,
    Department,
    IdempotencyKey,
    StaffInvitation,
    StaffMembership,
    User,
    UserSession,
)
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.reading import find_user
from utils.errors import Unauthenticated

_Section = list[dict[str, Any]]
_Rows = Select[*tuple[Any, ...]]

# Of the sections that grow with every act of the person, so that nobody fills the memory with a million of them.
MOST_ROWS = 1_000


def export_account(session: Session, *, actor: Actor) -> dict[str, Any]:
    """The account and all that hangs on it, one statement for each section; the audit log notes it.

    Ids are strings, times ISO 8601 in UTC; lists begin with the oldest. What would open a door is left out: the
    password's hash, and tokens. Of what grows with every act there are the newest thousand rows, and `totals` says
    how many there are. Invitations to the address are shown only if it was proven to be this person's. Refuses
    (UNAUTHENTICATED) an account that is gone.
    """
    user = find_user(session, actor.id)
    if user is None or user.deleted_at is not None:
        raise Unauthenticated("This account does not exist any more.")
    audit.note(session, AuditAction.DATA_EXPORTED, user.id, actor_id=actor.id)
    held: dict[str, Any] = {
        "account": section_of(session, _account(user.id))[0],
        "addresses": section_of(session, _addresses(user.id)),
        "departments": section_of(session, _departments(user.id)),
        "invitations": section_of(session, _invitations(user.email)) if user.email_verified else [],
        "totals": {},
    }
    for name, chosen in _growing(user.id).items():
        held[name], held["totals"][name] = _newest(session, chosen)
    return held


def _growing(user_id: UUID) -> dict[str, _Rows]:
    """The sections without an end, the newest row first."""
    return {
        "sessions": _sessions(user_id),
        "invitationsSent": _invitations_sent(user_id),
        "links": _links(user_id),
        "idempotencyKeys": _idempotency_keys(user_id),
        "auditLog": _audit_log(user_id),
    }


def _newest(session: Session, chosen: _Rows) -> tuple[_Section, int]:
    """The first rows of a statement, turned around, and how many it has."""
    total = select(func.count()).select_from(chosen.order_by(None).subquery()).scalar_subquery()
    rows = section_of(session, chosen.add_columns(total.label("total")).limit(MOST_ROWS))
    counts = [row.pop("total") for row in rows]
    return rows[::-1], counts[0] if counts else 0


def section_of(session: Session, chosen: _Rows) -> _Section:
    """The rows of a statement, each as an object of plain values under the names that the schema would give them.

    For every domain's part of a person's copy; one statement.
    """
    rows = session.execute(chosen)
    names = [in_schema(name) for name in rows.keys()]  # noqa: SIM118 - rows are no dict
    return [dict(zip(names, map(plain, row), strict=True)) for row in rows]


# One word each, however many rows have it.
@cache
def in_schema(name: str) -> str:
    """A column's name as the schema spells it: created_at is createdAt."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def plain(value: Any) -> Any:
    """A value as JSON has it: ids and exact amounts as strings, times as ISO 8601 with their zone."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def _account(user_id: UUID) -> _Rows:
    return select(
        User.id,
        User.email,
        User.name,
        User.phone,
        User.role,
        User.rights,
        User.region_code,
        User.created_at,
        User.email_verified_at,
        User.deleted_at,
    ).where(User.id == user_id)


def _addresses(user_id: UUID) -> _Rows:
    return (
        select(
            Address.id,
            Address.recipient,
            Address.company,
            Address.line1,
            Address.line2,
            Address.city,
            Address.state,
            Address.postal_code,
            Address.country,
            Address.phone,
            Address.is_default_shipping,
            Address.is_default_billing,
            Address.created_at,
        )
        .where(Address.user_id == user_id)
        .order_by(Address.created_at, Address.id)
    )


def _sessions(user_id: UUID) -> _Rows:
    return (
        select(
            UserSession.id,
            UserSession.created_at,
            UserSession.last_used_at,
            UserSession.expires_at,
            UserSession.revoked_at,
            UserSession.user_agent,
            UserSession.network,
        )
        .where(UserSession.user_id == user_id)
        .order_by(UserSession.created_at.desc(), UserSession.id.desc())
    )


def _departments(user_id: UUID) -> _Rows:
    return (
        select(StaffMembership.department_id, Department.name)
        .join(Department, Department.id == StaffMembership.department_id)
        .where(StaffMembership.user_id == user_id)
        .order_by(Department.name, StaffMembership.department_id)
    )


def _invitations(email: str) -> _Rows:
    return (
        select(
            StaffInvitation.id,
            StaffInvitation.email,
            StaffInvitation.role,
            StaffInvitation.departments,
            StaffInvitation.rights,
            StaffInvitation.created_at,
            StaffInvitation.expires_at,
            StaffInvitation.accepted_at,
            StaffInvitation.withdrawn_at,
        )
        .where(StaffInvitation.email == email)
        .order_by(StaffInvitation.created_at, StaffInvitation.id)
    )


def _invitations_sent(user_id: UUID) -> _Rows:
    # Whom they invited is the business of the invited.
    return (
        select(StaffInvitation.id, StaffInvitation.created_at)
        .where(StaffInvitation.invited_by == user_id)
        .order_by(StaffInvitation.created_at.desc(), StaffInvitation.id.desc())
    )


def _links(user_id: UUID) -> _Rows:
    # The id is what a token is made of, so it stays here.
    return (
        select(
            AccountLink.purpose,
            AccountLink.email,
            AccountLink.created_at,
            AccountLink.expires_at,
            AccountLink.used_at,
        )
        .where(AccountLink.user_id == user_id)
        .order_by(AccountLink.created_at.desc(), AccountLink.id.desc())
    )


def _idempotency_keys(user_id: UUID) -> _Rows:
    return (
        select(IdempotencyKey.key, IdempotencyKey.field, IdempotencyKey.result_id, IdempotencyKey.created_at)
        .where(IdempotencyKey.caller == str(user_id))
        .order_by(IdempotencyKey.created_at.desc(), IdempotencyKey.key.desc())
    )


def _audit_log(user_id: UUID) -> _Rows:
    """What the person did, and what happened to the account; the ids in it name no other person's data."""
    return (
        select(
            AuditEntry.id,
            AuditEntry.action,
            AuditEntry.actor_id,
            AuditEntry.subject_id,
            AuditEntry.before,
            AuditEntry.after,
            AuditEntry.request_id,
            AuditEntry.created_at,
        )
        .where(or_(AuditEntry.actor_id == user_id, AuditEntry.subject_id == user_id))
        .order_by(AuditEntry.id.desc())
    )
