"""Writes a letter that was asked for, and sends it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from gateways.mail.mail import Mail
from gateways.mail.writing import written
from services.accounts.letters import find_draft
from wiring import Shop

log = structlog.get_logger(__name__)


def send_letter(shop: Shop, event_id: UUID, payload: Mapping[str, Any]) -> None:
    """Sends the letter of this event; one that nobody wants any more is dropped.

    Its facts are read first, and nothing of the database is held while the mail server is spoken to. Raises what the
    mailer raises.
    """
    public_url = shop.settings.public_url
    with shop.database.read() as session:
        draft = find_draft(session, payload, links=shop.links, public_url=public_url)
    if draft is None:
        log.info("a letter is not wanted any more", event_id=str(event_id), letter=payload["letter"])
        return
    house = {"shop_name": shop.settings.shop_name, "public_url": public_url}
    words = written(draft.letter, {**house, **draft.values})
    shop.mail.send(Mail(event_id, draft.to, words.subject, words.text, words.html))
    log.info("a letter was sent", event_id=str(event_id), letter=draft.letter.value)
