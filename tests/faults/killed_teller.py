"""A worker that is killed outright while it writes a tier for an event, or a repair: `... written|noted [repair]`."""

import os
import signal
import sys

from sqlalchemy import event

from tests.faults.fatal import doomed_shop
from workers.relay import relay_all
from workers.tiers import categorize_customers

_STATEMENTS = {
    "counted": "SELECT count(*) FROM orders",
    "written": "UPDATE customer_tiers",
    "noted": "INSERT INTO tier_changes",
}


def main() -> None:
    shop = doomed_shop()
    fatal = _STATEMENTS[sys.argv[1]]

    @event.listens_for(shop.database.engine, "after_cursor_execute")
    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if fatal in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    if sys.argv[2:] == ["repair"]:
        categorize_customers(shop)
    relay_all(shop)


if __name__ == "__main__":
    main()
