"""What PostgreSQL holds: one file per aggregate. Importing this package registers every table."""

from models.account_link import AccountLink
from models.address import Address
from models.audit_entry import AuditEntry
from models.base import Base
from models.brand import Brand
from models.category import Category
from models.collection import Collection, CollectionProduct
from models.customer_tier import CustomerTier, TierChange
from models.department import Department, StaffMembership
from models.discount import Discount, DiscountCode, DiscountCustomer, DiscountCustomerUse, DiscountTarget, DiscountUse
from models.family import Family
from models.idempotency_key import IdempotencyKey
from models.image import Image, ProductImage
from models.import_job import ImportJob
from models.order import Order
from models.order_item import OrderItem
from models.order_pricing import OrderPricing, PricingRules
from models.order_step import OrderStep
from models.outbox_event import OutboxEvent
from models.periodic_run import PeriodicRun
from models.price import PriceChange, ScheduledPrice
from models.product import Product
from models.region import Region, RegionCountry, TaxRate
from models.region_price import CurrentPrice, RegionPrice
from models.search_word import SearchWord, SearchWordVariant
from models.staff_invitation import StaffInvitation
from models.stock_alert import StockAlert
from models.stock_movement import StockMovement
from models.stripe_product import StripeProduct
from models.user import User
from models.user_session import RefreshToken, UserSession

__all__ = [
    "AccountLink",
    "Address",
    "AuditEntry",
    "Base",
    "Brand",
    "Category",
    "Collection",
    "CollectionProduct",
    "CurrentPrice",
    "CustomerTier",
    "Department",
    "Discount",
    "DiscountCode",
    "DiscountCustomer",
    "DiscountCustomerUse",
    "DiscountTarget",
    "DiscountUse",
    "Family",
    "IdempotencyKey",
    "Image",
    "ImportJob",
    "Order",
    "OrderItem",
    "OrderPricing",
    "OrderStep",
    "OutboxEvent",
    "PeriodicRun",
    "PriceChange",
    "PricingRules",
    "Product",
    "ProductImage",
    "RefreshToken",
    "Region",
    "RegionCountry",
    "RegionPrice",
    "ScheduledPrice",
    "SearchWord",
    "SearchWordVariant",
    "StaffInvitation",
    "StaffMembership",
    "StockAlert",
    "StockMovement",
    "StripeProduct",
    "TaxRate",
    "TierChange",
    "User",
    "UserSession",
]
