"""The real worker and a real mail server: mail arrives by itself, and is lost by neither's death."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launch import Servers
from launch.processes import free_port
from launch.programs import worker_command
from services.accounts.letters import Letter, want
from tests.cache.shoppers import price
from tests.faults.away import stopped
from tests.faults.own import Program, running, variables_of
from tests.faults.rivals import count_rows, eventually
from tests.faults.test_celery_worker import delivered, stale
from tests.gateways.mail_server import Inbox, smtp_server
from tests.support import ALICE
from tests.workers.posted import lease_ends, outbox
from wiring import Shop
from workers.relay import relay_all


@contextmanager
def worker(shop: Shop, folder: Path, port: int) -> Iterator[Program]:
    """The worker as it is started everywhere, with this mail server."""
    mail = {
        "MAIL_PROVIDER": "smtp",
        "MAIL_FROM": "shop@shop.example",
        "SMTP_HOST": "localhost",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
    }
    command = worker_command(shop.settings, folder / "beat-schedule")
    with running(command, {**variables_of(shop), **mail}, folder / "worker.log") as program:
        yield program


def wanted(shop: Shop) -> None:
    with shop.database.write() as session:
        want(session, Letter.PASSWORD_CHANGED, ALICE)


def message_ids(inbox: Inbox) -> list[str]:
    return [str(letter.message["Message-ID"]) for letter in inbox.letters]


def test_mail_goes_by_itself_and_a_lost_task_is_made_up_for(faulty_shop: Shop, tmp_path: Path) -> None:
    shop, inbox = faulty_shop, Inbox()
    with smtp_server(inbox) as port, worker(shop, tmp_path, port) as program:
        wanted(shop)
        delivered(shop, program)
        assert [letter.recipients for letter in inbox.letters] == [["alice@example.com"]]
    # when the task of a second one is lost in the queue
    wanted(shop)
    assert relay_all(shop, hand_over=lambda *_: None) == 1
    lease_ends(shop)
    # then the worker's relay sends another
    with smtp_server(inbox) as port, worker(shop, tmp_path, port) as program:
        delivered(shop, program)
    assert len(set(message_ids(inbox))) == len(inbox.letters) == 2


def test_a_server_that_was_away_gets_its_mail_and_holds_up_nothing_else(faulty_shop: Shop, tmp_path: Path) -> None:
    shop, inbox, port = faulty_shop, Inbox(), free_port()
    with worker(shop, tmp_path, port) as program:
        wanted(shop)
        eventually(lambda: bool(outbox(shop)[0]["last_error"]), "the worker has tried")
        tea = stale(shop, 7)
        eventually(lambda: count_rows(shop.database, "outbox_events") == 1, "the cache was told")
        assert price(shop, tea) == 7
        [row] = outbox(shop)
        assert (row["attempts"], row["last_error"]) == (0, "Unavailable ConnectionRefusedError")
        with smtp_server(inbox, port=port):
            lease_ends(shop)
            delivered(shop, program)
    assert message_ids(inbox) == [f"<{row['id']}@shop.example>"]


def test_a_worker_killed_while_it_sends_loses_no_mail(faulty_shop: Shop, tmp_path: Path) -> None:
    shop, slow, inbox = faulty_shop, Inbox(pause=3600), Inbox()
    wanted(shop)
    [event] = outbox(shop)
    with smtp_server(slow) as port, worker(shop, tmp_path, port) as program:
        eventually(lambda: outbox(shop)[0]["attempts"] == 1, "the worker sends")
        program.kill()
    with smtp_server(inbox) as port, worker(shop, tmp_path, port) as program:
        lease_ends(shop)
        delivered(shop, program)
    assert message_ids(inbox) == [f"<{event['id']}@shop.example>"]


def test_a_worker_whose_queue_goes_away_while_it_sends_goes_on(
    own_servers: Servers, faulty_shop: Shop, tmp_path: Path
) -> None:
    shop, inbox = faulty_shop, Inbox(pause=6)
    wanted(shop)
    with smtp_server(inbox) as port, worker(shop, tmp_path, port) as program:
        eventually(lambda: outbox(shop)[0]["attempts"] == 1, "the worker sends")
        with stopped(own_servers.valkey):
            eventually(lambda: not outbox(shop), "the mail is sent all the same")
        inbox.pause = 0
        wanted(shop)
        delivered(shop, program)  # by the same process
    assert len(set(message_ids(inbox))) == len(inbox.letters) == 2
