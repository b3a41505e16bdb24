"""A worker that is killed outright right after the mail server took its mail: `... killed_delivery ID LEASE`."""

import os
import signal
import sys
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gateways.mail.mail import Mail
from utils.config import load_settings
from wiring import build
from workers.delivery import deliver


def main() -> None:
    shop = build(load_settings())

    class Deadly:
        def send(self, mail: Mail) -> None:
            shop.mail.send(mail)
            os.kill(os.getpid(), signal.SIGKILL)

    deliver(replace(shop, mail=Deadly()), UUID(sys.argv[1]), leased_until=datetime.fromisoformat(sys.argv[2]))


if __name__ == "__main__":
    main()
