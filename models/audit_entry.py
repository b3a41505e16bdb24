"""The audit log: what staff did and what concerned security, written once and never changed."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class AuditAction(StrEnum):
    """Every kind of act that is noted."""

    REGISTERED = "account.registered"
    EMAIL_VERIFIED = "account.email_verified"
    LOGGED_IN = "session.opened"
    LOGIN_FAILED = "session.refused"
    LOGGED_OUT = "session.ended"
    LOGGED_OUT_EVERYWHERE = "session.all_ended"
    REFRESH_TOKEN_REPLAYED = "session.token_replayed"  # noqa: S105
    PASSWORD_REFUSED = "account.password_refused"  # noqa: S105
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105
    PASSWORD_RESET_REQUESTED = "account.password_reset_requested"  # noqa: S105
    PASSWORD_RESET = "account.password_reset"  # noqa: S105
    EMAIL_CHANGE_REQUESTED = "account.email_change_requested"
    EMAIL_CHANGED = "account.email_changed"
    SESSIONS_ENDED_BY_STAFF = "account.sessions_ended_by_staff"
    PROFILE_CHANGED = "account.profile_changed"
    DATA_EXPORTED = "account.data_exported"
    ACCOUNT_DELETED = "account.deleted"
    STAFF_CREATED = "staff.created"
    STAFF_INVITED = "staff.invited"
    INVITATION_WITHDRAWN = "staff.invitation_withdrawn"
    INVITATION_ACCEPTED = "staff.invitation_accepted"
    STAFF_CHANGED = "staff.changed"
    STAFF_REMOVED = "staff.removed"
    DEPARTMENT_CREATED = "department.created"
    DEPARTMENT_CHANGED = "department.changed"
    DEPARTMENT_REMOVED = "department.removed"
    PRODUCT_CREATED = "product.created"
    PRODUCT_CHANGED = "product.changed"
    PRODUCT_WITHDRAWN = "product.withdrawn"
    PRODUCT_REMOVED = "product.removed"
    STOCK_ADJUSTED = "product.stock_adjusted"
    PRICE_SCHEDULED = "product.price_scheduled"
    SCHEDULED_PRICE_CANCELLED = "product.scheduled_price_cancelled"
    REGION_PRICE_SET = "product.region_price_set"
    REGION_PRICE_REMOVED = "product.region_price_removed"
    IMAGE_UPLOADED = "image.uploaded"
    CATEGORY_CREATED = "category.created"
    CATEGORY_CHANGED = "category.changed"
    CATEGORY_MOVED = "category.moved"
    CATEGORY_REMOVED = "category.removed"
    BRAND_CHANGED = "brand.changed"
    FAMILY_CREATED = "family.created"
    FAMILY_CHANGED = "family.changed"
    FAMILY_REMOVED = "family.removed"
    COLLECTION_CREATED = "collection.created"
    COLLECTION_CHANGED = "collection.changed"
    COLLECTION_FILLED = "collection.filled"
    COLLECTION_REMOVED = "collection.removed"
    DISCOUNT_CREATED = "discount.created"
    DISCOUNT_CHANGED = "discount.changed"
    DISCOUNT_REMOVED = "discount.removed"
    DISCOUNT_CODES_ADDED = "discount.codes_added"
    DISCOUNT_CODE_REMOVED = "discount.code_removed"
    DISCOUNT_CUSTOMERS_CHANGED = "discount.customers_changed"
    IMPORT_WANTED = "import.wanted"
    CATALOGUE_IMPORTED = "import.done"
    REGION_CREATED = "region.created"
    REGION_CHANGED = "region.changed"
    TAX_RATE_SET = "tax_rate.set"
    TAX_RATE_CANCELLED = "tax_rate.cancelled"
    ORDER_PLACED_FOR_CUSTOMER = "order.placed_for_customer"
    ORDER_STATUS_RECORDED = "order.status_recorded"


class AuditEntry(Base):
    """Who did what to what, before and after. A trigger forbids changing rows.

    Accounts stand in it by id only, and personal values never: an entry outlives the person's data. So there are
    no foreign keys either.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_actor_id", "actor_id", "id"),
        Index("ix_audit_entries_subject_id", "subject_id", "id"),
        Index("ix_audit_entries_action", "action", "id"),
    )

    id: Mapped[Id]
    created_at: Mapped[Created]
    # None: nobody who was signed in.
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    request_id: Mapped[str | None]
