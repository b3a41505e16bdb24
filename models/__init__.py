"""What PostgreSQL holds: one file per aggregate. Importing this package registers every table."""

from models.account_link import AccountLink
from models.address import Address
from models.audit_entry import AuditEntry
from models.base import Base
from models.category import Category
from models.department import Department, StaffMembership
from models.idempotency_key import IdempotencyKey
from models.order import Order
from models.order_item import OrderItem
from models.order_step import OrderStep
from models.outbox_event import OutboxEvent
from models.product import Product
from models.region import Region
from models.staff_invitation import StaffInvitation
from models.stock_movement import StockMovement
from models.user import User
from models.user_session import RefreshToken, UserSession

__all__ = [
    "AccountLink",
    "Address",
    "AuditEntry",
    "Base",
    "Category",
    "Department",
    "IdempotencyKey",
    "Order",
    "OrderItem",
    "OrderStep",
    "OutboxEvent",
    "Product",
    "RefreshToken",
    "Region",
    "StaffInvitation",
    "StaffMembership",
    "StockMovement",
    "User",
    "UserSession",
]
