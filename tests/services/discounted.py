"""A row in each table in which pricing remembers a customer."""

from decimal import Decimal
from uuid import UUID

from models import (
    CustomerTier,
    Discount,
    DiscountCode,
    DiscountCustomer,
    DiscountCustomerUse,
    DiscountUse,
    TaxRate,
    TierChange,
    User,
)
from tests.support import ALICE
from utils import clock
from utils.ids import new_id
from wiring import Shop


def rewarded(shop: Shop, order: UUID, customer: UUID = ALICE, *, code: str = "THANKS") -> UUID:
    """A silver customer, named by a discount that the customer made and used for this order; the discount's id."""
    moment, discount, opened = clock.now(), new_id(), new_id()
    with shop.database.write() as session:
        session.get_one(User, customer).region_code = "GB"
        session.add(
            Discount(
                id=discount,
                name="Thanks",
                kind="percent",
                applies_to="order",
                percent=Decimal(10),
                all_goods=True,
                for_named_customers=True,
                per_customer_limit=3,
                created_by=customer,
                updated_at=moment,
            )
        )
        session.flush()
        session.add(DiscountCode(id=opened, discount_id=discount, code=code, created_by=customer))
        session.add(
            TaxRate(region_code="GB", tax_class="reduced", name=code, percent=5, valid_from=moment, created_by=customer)
        )
        session.flush()
        session.add_all(
            [
                CustomerTier(customer_id=customer, tier="silver", successful_orders=21),
                TierChange(customer_id=customer, before="bronze", after="silver", successful_orders=21, reason="order"),
                DiscountCustomer(discount_id=discount, customer_id=customer),
                DiscountCustomerUse(discount_id=discount, customer_id=customer, used_count=1),
                DiscountUse(
                    discount_id=discount,
                    order_id=order,
                    customer_id=customer,
                    code_id=opened,
                    amount=Decimal("1.50"),
                ),
            ]
        )
    return discount
