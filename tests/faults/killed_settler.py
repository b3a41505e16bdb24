"""A worker that is killed outright while it settles prices: `... before-commit|after-commit`."""

import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import event

from services.catalogue.prices.settling import settle_all
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

    @event.listens_for(shop.database.engine, "after_cursor_execute")
    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if sys.argv[1] == "before-commit" and "UPDATE products SET price" in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    settle_all(shop.database, shop.cache)


if __name__ == "__main__":
    main()
