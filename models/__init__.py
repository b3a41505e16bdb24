"""What PostgreSQL holds: one file per aggregate. Importing this package registers every table."""

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
from models.stock_movement import StockMovement
from models.user import User

__all__ = [
    "Base",
    "Category",
    "Department",
    "IdempotencyKey",
    "Order",
    "OrderItem",
    "OrderStep",
    "OutboxEvent",
    "Product",
    "Region",
    "StaffMembership",
    "StockMovement",
    "User",
]
