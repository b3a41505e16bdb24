"""A worker that is killed outright while it settles prices: `... before-commit|after-commit`."""

import os
import signal
import sys

from sqlalchemy import event

from services.catalogue.prices.settling import settle_all
from tests.faults.fatal import doomed_shop


def main() -> None:
    shop = doomed_shop()

    @event.listens_for(shop.database.engine, "after_cursor_execute")
    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if sys.argv[1] == "before-commit" and "UPDATE products SET price" in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    settle_all(shop.database, shop.cache)


if __name__ == "__main__":
    main()
