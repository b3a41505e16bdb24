"""A writer that is killed outright between its commit and the version change: `... PRODUCT_ID PRICE`."""

import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from services.catalogue.products.changing import ProductChange, update_product
from tests.support import ADMIN
from utils.cache import Cache
from utils.config import load_settings
from wiring import build


class Fatal(Cache):
    """Ends this process where the version change would begin."""

    def renew(self, tags: Iterable[str], *, done: str, everything: bool = False) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    shop = build(load_settings())
    shop = replace(shop, cache=Fatal(str(shop.settings.cache_redis_url)))
    with shop.database.write() as session:
        change = ProductChange(price=Decimal(sys.argv[2]))
        update_product(session, UUID(sys.argv[1]), change, actor=ADMIN, cache=shop.cache)


if __name__ == "__main__":
    main()
