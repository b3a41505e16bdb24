"""A relay that is killed outright after so many events of a batch: `python -m tests.workers.killed_relay 3`."""

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tests.workers.events import heard_by, mark
from utils.config import load_settings
from wiring import Shop, build
from workers.relay import relay_batch


def main() -> None:
    left = int(sys.argv[1])

    def listen(shop: Shop, session: Session, event_id: UUID, payload: Mapping[str, Any]) -> None:
        nonlocal left
        mark(shop, session, event_id, payload)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    relay_batch(build(load_settings()), heard_by(listen))


if __name__ == "__main__":
    main()
