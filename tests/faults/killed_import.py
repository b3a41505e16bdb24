"""A worker that is killed outright in the middle of an import: `... JOB_ID WORDS_OF_A_STATEMENT`.

It dies after this statement, or, when the words are "renew", after its commit and before it tells the cache.
"""

import os
import signal
import sys
from uuid import UUID

from sqlalchemy import event

from services.catalogue.importing.jobs import run_job
from utils.config import load_settings
from wiring import build


def main() -> None:
    shop = build(load_settings())

    def die(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if sys.argv[2] in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    def renew(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if sys.argv[2] == "renew":
        vars(shop.cache)["renew"] = renew
    event.listen(shop.database.engine, "after_cursor_execute", die)
    run_job(shop.database, UUID(sys.argv[1]), cache=shop.cache, currency=shop.settings.currency)


if __name__ == "__main__":
    main()
