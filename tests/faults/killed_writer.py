"""A writer that is killed outright between its commit and the version change: `... PRODUCT_ID PRICE`."""

import sys
from decimal import Decimal
from uuid import UUID

from services.catalogue.products.changing import ProductChange, update_product
from tests.faults.fatal import doomed_shop
from tests.support import ADMIN


def main() -> None:
    shop = doomed_shop()
    with shop.database.write() as session:
        change = ProductChange(price=Decimal(sys.argv[2]))
        update_product(session, UUID(sys.argv[1]), change, actor=ADMIN, cache=shop.cache)


if __name__ == "__main__":
    main()
