"""Mail by SendGrid's HTTP API, for hosts that let no SMTP through."""

import ssl

import httpx

from gateways.mail.mail import Mail, MailRefused, Sender, message_id, parse
from utils.errors import Unavailable

# What is wrong with us and not with the mail: no such key, no right to send, too slow, too often.
_NOT_THE_MAIL = frozenset({401, 403, 408, 425, 429})


class SendGrid:
    """https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send"""

    def __init__(self, url: str, api_key: str, sender: Sender, *, timeout_seconds: float) -> None:
        self._url = f"{url.rstrip('/')}/v3/mail/send"
        self._sender = sender
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=timeout_seconds,
            verify=ssl.create_default_context(),
        )

    def send(self, mail: Mail) -> None:
        """Raises UNAVAILABLE when the API cannot take it now or does not know our key, else MailRefused.

        It refuses addresses with other than ASCII characters before the @: SendGrid sends to none of them.
        """
        body = _body(mail, self._sender)
        try:
            # Only the status counts, so that an answer without an end holds nobody up.
            with self._client.stream("POST", self._url, json=body) as answer:
                status = answer.status_code
        except httpx.HTTPError as fault:
            raise _not_now(type(fault).__name__) from None
        if httpx.codes.is_success(status):
            return
        if httpx.codes.is_client_error(status) and status not in _NOT_THE_MAIL:
            raise MailRefused(status)
        raise _not_now(status)


def _body(mail: Mail, ours: Sender) -> dict[str, object]:
    to, sender = parse(mail.to), parse(ours.address)
    if not to.is_ascii:
        raise MailRefused("SMTPUTF8 is not spoken there")
    return {
        "personalizations": [{"to": [{"email": str(to)}]}],
        "from": {"email": str(sender), "name": ours.name},
        "subject": mail.subject,
        "content": [{"type": "text/plain", "value": mail.text}, {"type": "text/html", "value": mail.html}],
        "headers": {"Message-ID": message_id(mail, ours), "Auto-Submitted": "auto-generated"},
        "custom_args": {"event_id": str(mail.id)},
        # The links are secrets between us and the reader: SendGrid must not lead them through its own server.
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
        },
    }


def _not_now(status: int | str) -> Unavailable:
    return Unavailable("SendGrid did not take a mail; the worker tries again.", status=status)
