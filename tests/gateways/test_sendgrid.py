"""Mail by SendGrid's API, to a stand-in that speaks HTTP: what is sent, and what each answer means."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from gateways.mail.mail import MailRefused
from gateways.mail.sendgrid import SendGrid
from launch.processes import free_port
from tests.gateways.test_smtp import MAIL, SENDER, mail
from utils.errors import Unavailable

KEY = "SG.a-key"


@dataclass
class Api:
    """What came, and how it answers; a wrong key is always a 401."""

    status: int = 202
    pause: float = 0.0
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)


@contextmanager
def standing_in(api: Api) -> Iterator[str]:
    """The stand-in's address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            api.requests.append((self.path, dict(self.headers), body))
            time.sleep(api.pause)
            status = api.status if self.headers["Authorization"] == f"Bearer {KEY}" else 401
            said = b"" if status == 202 else b'{"errors": [{"message": "erin@example.com is not wanted"}]}'
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.send_header("Location", "https://elsewhere.example/")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client(url: str, key: str = KEY, timeout: float = 5.0) -> SendGrid:
    return SendGrid(url, key, SENDER, timeout_seconds=timeout)


def refusal(sender: SendGrid) -> tuple[str, object]:
    """The class and the status of what sending raises, in which nothing of the mail stands."""
    with pytest.raises((Unavailable, MailRefused)) as refused:
        sender.send(MAIL)
    fault: Any = refused.value
    assert "erin" not in f"{fault!r} {fault.__dict__}"
    return type(fault).__name__, fault.details["status"] if isinstance(fault, Unavailable) else fault.status


def test_what_is_sent() -> None:
    api = Api()
    with standing_in(api) as url:
        client(f"{url}/").send(MAIL)
    [(path, headers, body)] = api.requests
    assert path == "/v3/mail/send"
    assert (headers["Authorization"], headers["Content-Type"]) == ("Bearer SG.a-key", "application/json")
    assert body == {
        "personalizations": [{"to": [{"email": "erin@example.com"}]}],
        "from": {"email": "shop@shop.example", "name": "Commerce Shop"},
        "subject": "Verify your address: Café",
        "content": [{"type": "text/plain", "value": MAIL.text}, {"type": "text/html", "value": MAIL.html}],
        "headers": {
            "Message-ID": "<0192f0c1-2345-7000-8000-000000000001@shop.example>",
            "Auto-Submitted": "auto-generated",
        },
        "custom_args": {"event_id": "0192f0c1-2345-7000-8000-000000000001"},
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
        },
    }


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (400, ("MailRefused", 400)),
        (413, ("MailRefused", 413)),
        (429, ("Unavailable", 429)),
        (500, ("Unavailable", 500)),
        (503, ("Unavailable", 503)),
        # Not allowed to send, which is no fault of the mail.
        (403, ("Unavailable", 403)),
        # It is never followed: it would carry the key and the letter elsewhere.
        (307, ("Unavailable", 307)),
    ],
)
def test_what_an_answer_means(status: int, told: tuple[str, object]) -> None:
    api = Api(status=status)
    with standing_in(api) as url:
        assert refusal(client(url)) == told
    assert len(api.requests) == 1


def test_a_wrong_key_is_not_the_mail_s_fault() -> None:
    with standing_in(Api()) as url:
        assert refusal(client(url, key="SG.another")) == ("Unavailable", 401)


def test_an_api_that_is_away_or_silent() -> None:
    assert refusal(client(f"http://127.0.0.1:{free_port()}")) == ("Unavailable", "ConnectError")
    with standing_in(Api(pause=1.0)) as url:
        assert refusal(client(url, timeout=0.2)) == ("Unavailable", "ReadTimeout")


def test_an_api_that_takes_its_time_is_waited_for() -> None:
    api = Api(pause=0.3)
    with standing_in(api) as url:
        client(url, timeout=5).send(MAIL)
    assert len(api.requests) == 1


def test_several_mails_go_one_after_another() -> None:
    api = Api()
    with standing_in(api) as url:
        sender = client(url)
        for _ in range(3):
            sender.send(MAIL)
    assert len(api.requests) == 3


def test_names_in_other_letters_are_refused_and_domains_written_in_ascii() -> None:
    api = Api()
    with standing_in(api) as url:
        client(url).send(mail(to="erin@bücher.example"))
        with pytest.raises(MailRefused):
            client(url).send(mail(to="josé@example.com"))
    assert [body["personalizations"] for _, _, body in api.requests] == [
        [{"to": [{"email": "erin@xn--bcher-kva.example"}]}]
    ]
