"""What an order is priced by, as its transaction sees it: the region, the customer, the rules, where goods stand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.pricing.calculating.facts import Customer
from services.pricing.discounts.customers import FACTS as CUSTOMER
from services.pricing.discounts.customers import customer_of
from services.pricing.discounts.rules_now import HEADS, RulesNow, rules_of_heads
from services.pricing.gathering import STANDING
from services.pricing.region_facts import ONE as REGION
from services.pricing.region_facts import KnownRegion, region_of
from utils.prepared import run_prepared

# Of one snapshot, by one journey.
_FACTS = f"SELECT ({REGION}) AS region, ({CUSTOMER}) AS customer, ({HEADS}) AS heads, ({STANDING}) AS standing"


@dataclass(frozen=True, slots=True)
class FactsNow:
    """`region` is None if there is none of that code; `standing` is for `gathering.gather_locked`."""

    region: KnownRegion | None
    customer: Customer
    active: RulesNow
    standing: str


def facts_now(
    session: Session, *, moment: datetime, region: str | None, customer_id: UUID, products: Collection[UUID]
) -> FactsNow:
    """The facts past the cache, by one statement; another one reads rules that this process has not seen yet.

    Call it once the products are locked. `region` is a code, None for the home region; rates and rules are those of the
    moment and what begins later.
    """
    given = {
        "now": moment,
        "code": region,
        "customer_id": str(customer_id),
        "products": [str(each) for each in products],
    }
    row = run_prepared(session, _FACTS, given).one()
    return FactsNow(
        region=None if row.region is None else region_of(row.region),
        customer=customer_of(customer_id, row.customer),
        active=rules_of_heads(session, row.heads, moment=moment),
        standing=row.standing,
    )
