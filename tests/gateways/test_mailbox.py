"""The mailbox of development: the newest hundred, for a day, each once; and which mailer the settings ask for."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
import time_machine
from structlog.testing import CapturingLogger

from gateways.mail import console
from gateways.mail.choosing import find_mailbox, mailer_of
from gateways.mail.console import Console
from gateways.mail.mail import Mail, MailRefused
from gateways.mail.mailbox import AlsoKept, Mailbox
from gateways.mail.sendgrid import SendGrid
from gateways.mail.smtp import Smtp
from launch.processes import free_port
from tests.gateways.test_smtp import MAIL, mail
from utils import clock
from utils.config import Settings
from utils.errors import Unavailable
from wiring import Shop


@pytest.fixture
def mailbox(shop: Shop) -> Mailbox:
    return Mailbox(str(shop.settings.redis_url))


def numbered(number: int) -> Mail:
    return mail(id=UUID(int=number), subject=f"No {number}")


def test_a_mail_is_kept_whole(mailbox: Mailbox) -> None:
    assert mailbox.list_kept() == []
    with time_machine.travel(clock.now(), tick=False):
        mailbox.keep(MAIL)
        [kept] = mailbox.list_kept()
        assert (kept.mail, kept.at) == (MAIL, clock.now())
        assert mailbox.find(MAIL.id) == kept
    assert mailbox.find(UUID(int=1)) is None


def test_the_newest_hundred_come_first(mailbox: Mailbox) -> None:
    for number in range(105):
        mailbox.keep(numbered(number))
    assert [kept.mail.id.int for kept in mailbox.list_kept()] == list(range(104, 4, -1))


def test_a_mail_that_was_sent_again_stands_there_once(mailbox: Mailbox) -> None:
    for number in (1, 2, 1):
        mailbox.keep(numbered(number))
    assert [kept.mail.id.int for kept in mailbox.list_kept()] == [1, 2]


def test_a_mail_is_kept_for_a_day(mailbox: Mailbox, redis_client: redis.Redis) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        mailbox.keep(numbered(1))
        now.shift(timedelta(hours=23))
        mailbox.keep(numbered(2))
        now.shift(timedelta(hours=2))
        assert [kept.mail.id.int for kept in mailbox.list_kept()] == [2]
    assert 86_000 < redis_client.ttl("dev:mail") <= 86_400


def test_without_redis_there_is_no_mailbox() -> None:
    away = Mailbox(f"redis://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable):
        away.keep(MAIL)
    with pytest.raises(Unavailable):
        away.list_kept()


def test_what_another_refuses_is_kept_all_the_same(mailbox: Mailbox) -> None:
    class Refusing:
        def send(self, mail: Mail) -> None:
            raise MailRefused(550)

    with pytest.raises(MailRefused):
        AlsoKept(mailbox, Refusing()).send(MAIL)
    assert [kept.mail for kept in mailbox.list_kept()] == [MAIL]


def settings(**changed: Any) -> Settings:
    return Settings(redis_url="redis://127.0.0.1:1/0", **changed)


SMTP = {"mail_provider": "smtp", "smtp_host": "localhost"}
SENDGRID = {"mail_provider": "sendgrid", "sendgrid_api_key": "SG.a-key"}


@pytest.mark.parametrize(("given", "kind"), [({}, Console), (SMTP, Smtp), (SENDGRID, SendGrid)])
def test_the_settings_choose_the_mailer(given: dict[str, Any], kind: type) -> None:
    assert type(mailer_of(settings(environment="test", **given))) is kind
    assert type(mailer_of(settings(environment="development", **given))) is AlsoKept


def test_there_is_a_mailbox_in_development_only() -> None:
    assert find_mailbox(settings(environment="test")) is None
    assert find_mailbox(settings(environment="development")) is not None
    assert find_mailbox(Settings(environment="development")) is None


def test_the_console_says_where_to_read_and_neither_to_whom_nor_what(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = CapturingLogger()
    monkeypatch.setattr(console, "log", lines)
    development = settings(environment="development").model_copy(update={"redis_url": shop.settings.redis_url})
    mailer_of(development).send(MAIL)
    mailer_of(settings(environment="test")).send(MAIL)
    assert [(said.method_name, said.args, said.kwargs) for said in lines.calls] == [
        ("info", ("a mail was written",), {"subject": MAIL.subject, "read_at": read_at})
        for read_at in (f"http://127.0.0.1:5000/dev/mail/{MAIL.id}", None)
    ]
