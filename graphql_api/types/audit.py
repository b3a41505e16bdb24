"""The audit log as the schema shows it."""

from datetime import datetime
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from graphql_api.fields import describe_enum, described
from graphql_api.pagination import PageInfo, page_info_of
from models.audit_entry import AuditAction
from services.accounts.audit import AuditPage, AuditQuery

describe_enum(
    AuditAction,
    description="Every kind of act that the audit log notes.",
    each={
        AuditAction.REGISTERED: "Somebody registered an address; `after.new` says whether it was new.",
        AuditAction.EMAIL_VERIFIED: "An address was proven.",
        AuditAction.LOGGED_IN: "An account logged in.",
        AuditAction.LOGIN_FAILED: "A login was refused; without a subject, nobody has the address.",
        AuditAction.LOGGED_OUT: "An account ended one of its sessions.",
        AuditAction.LOGGED_OUT_EVERYWHERE: "An account ended all of its sessions.",
        AuditAction.REFRESH_TOKEN_REPLAYED: "A refresh token came a second time, and its session was ended.",
        AuditAction.PASSWORD_REFUSED: "A wrong password was given where the account's was asked for.",
        AuditAction.SESSIONS_ENDED_BY_STAFF: "Somebody who looks after people ended all sessions of an account.",
        AuditAction.PASSWORD_CHANGED: "An account changed its password.",
        AuditAction.PASSWORD_RESET_REQUESTED: "Somebody asked for a link to set a new password.",
        AuditAction.PASSWORD_RESET: "A password was set by a link.",
        AuditAction.EMAIL_CHANGE_REQUESTED: "An account asked for another address.",
        AuditAction.EMAIL_CHANGED: "An account has another address.",
        AuditAction.PROFILE_CHANGED: "An account changed its profile.",
        AuditAction.DATA_EXPORTED: "An account fetched all data about itself.",
        AuditAction.ACCOUNT_DELETED: "An account was deleted.",
        AuditAction.STAFF_CREATED: "An account of staff was opened by a command.",
        AuditAction.STAFF_INVITED: "Somebody was invited to work here.",
        AuditAction.INVITATION_WITHDRAWN: "An invitation was withdrawn, or another took its place.",
        AuditAction.INVITATION_ACCEPTED: "An invitation was accepted.",
        AuditAction.STAFF_CHANGED: "A member of staff has other rights or departments.",
        AuditAction.STAFF_REMOVED: "A member of staff became a customer.",
        AuditAction.DEPARTMENT_CREATED: "A department was made.",
        AuditAction.DEPARTMENT_CHANGED: "A department has another name.",
        AuditAction.DEPARTMENT_REMOVED: "A department was removed.",
        AuditAction.PRODUCT_CREATED: "A product was made.",
        AuditAction.PRODUCT_CHANGED: "A product was changed.",
        AuditAction.PRODUCT_WITHDRAWN: "A product was withdrawn from sale.",
        AuditAction.PRODUCT_REMOVED: "A product was removed that was never ordered.",
        AuditAction.STOCK_ADJUSTED: "Pieces of a product came or went by hand; the ledger has the note.",
        AuditAction.PRICE_SCHEDULED: "A price was set for a moment to come.",
        AuditAction.SCHEDULED_PRICE_CANCELLED: "A price that had not begun was called off.",
        AuditAction.REGION_PRICE_SET: "A price was set for one region.",
        AuditAction.REGION_PRICE_REMOVED: "The price of one region was taken away.",
        AuditAction.IMAGE_UPLOADED: "An image was uploaded.",
        AuditAction.CATEGORY_CREATED: "A category was made.",
        AuditAction.CATEGORY_CHANGED: "A category was changed.",
        AuditAction.CATEGORY_MOVED: "A category stands elsewhere in the tree.",
        AuditAction.CATEGORY_REMOVED: "A category was removed.",
        AuditAction.BRAND_CHANGED: "A brand has another name.",
        AuditAction.FAMILY_CREATED: "A family of variants was made.",
        AuditAction.FAMILY_CHANGED: "A family of variants was changed.",
        AuditAction.FAMILY_REMOVED: "A family of variants was removed.",
        AuditAction.COLLECTION_CREATED: "A collection was made.",
        AuditAction.COLLECTION_CHANGED: "A collection was changed.",
        AuditAction.COLLECTION_FILLED: "Other products stand in a collection, or in another order.",
        AuditAction.COLLECTION_REMOVED: "A collection was removed.",
        AuditAction.DISCOUNT_CREATED: "A discount was made.",
        AuditAction.DISCOUNT_CHANGED: "A discount was changed, switched on or switched off.",
        AuditAction.DISCOUNT_REMOVED: "A discount was removed that was never used.",
        AuditAction.DISCOUNT_CODES_ADDED: "A discount has more codes; generated ones are not in the log.",
        AuditAction.DISCOUNT_CODE_REMOVED: "A code was removed that was never used.",
        AuditAction.DISCOUNT_CUSTOMERS_CHANGED: "A discount names other customers.",
        AuditAction.IMPORT_WANTED: "A file of products was handed in, to be imported by the worker.",
        AuditAction.CATALOGUE_IMPORTED: "Products were made or changed by a file; `after` says how many.",
        AuditAction.REGION_CREATED: "A region was made; `after` names it.",
        AuditAction.REGION_CHANGED: "A region was changed; `before` and `after` name it.",
        AuditAction.TAX_RATE_SET: "A rate of tax was set from a moment on.",
        AuditAction.TAX_RATE_CANCELLED: "A rate of tax was called off before it began.",
        AuditAction.ORDER_PLACED_FOR_CUSTOMER: "Staff placed an order for a customer.",
        AuditAction.ORDER_STATUS_RECORDED: "An order was recorded as paid, cancelled or refunded.",
    },
)


@strawberry.type(description="Who did what to what, and when. Entries are written once and never changed.")
class AuditEntry:
    """An entry; its source is the table's row."""

    id: strawberry.ID = described("The entry's id.")
    created_at: datetime = described("When it happened.")
    actor_id: strawberry.ID | None = described("The account that acted; null for nobody who was signed in.")
    action: AuditAction = described("What was done.")
    subject_type: str = described("What kind of thing it was done to, such as `product`.")
    subject_id: strawberry.ID | None = described("Which one it was done to.")
    before: JSON | None = described("What changed, as it was before.")
    after: JSON | None = described("What changed, as it was afterwards.")
    request_id: str | None = described("The request in which it happened, as in the program's log.")


@strawberry.type(description="An entry at its place in the audit log.")
class AuditEdge:
    """A Relay edge."""

    cursor: str = described("The entry's place: pass it as `after`.")
    node: AuditEntry = described("The entry.")


@strawberry.type(
    description="A page of the audit log (Relay Cursor Connections). It is not counted: it grows without end."
)
class AuditConnection:
    """A Relay connection."""

    page: strawberry.Private[AuditPage]
    query: strawberry.Private[AuditQuery]

    @strawberry.field(description="The entries of this page.")
    def nodes(self) -> list[AuditEntry]:
        """Rows as sources of the type."""
        return cast("list[AuditEntry]", self.page.entries)

    @strawberry.field(description="The entries of this page with their cursors.")
    def edges(self) -> list[AuditEdge]:
        """One for each entry."""
        rows: Any = self.page.entries
        return [AuditEdge(cursor=self.query.cursor(row), node=row) for row in rows]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last entry."""
        page, query = self.page, self.query
        return page_info_of(page.entries, query.cursor, has_next=page.has_next, after=query.after)
