"""Every letter, from the reason for it to the mail: to whom, in which words, with which link, or not at all."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from jinja2 import UndefinedError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateways.mail.mail import Mail
from gateways.mail.writing import written
from models import AccountLink, Department, StaffInvitation, User
from models.account_link import LinkPurpose
from models.user import Role
from services.accounts.changing_password import request_password_reset
from services.accounts.letters import Letter, find_draft, in_words, want
from services.accounts.linking import make_link
from services.accounts.registering import register_customer
from tests.support import ALICE, BOB, DANA
from tests.workers.posted import Posted, outbox, posting
from utils import clock
from utils.ids import new_id
from wiring import Shop
from workers.relay import relay_all

NOW = clock.now()


@pytest.fixture
def post(shop: Shop) -> tuple[Shop, Posted]:
    return posting(shop)


def sent(shop: Shop, posted: Posted, letter: Letter, subject_id: UUID) -> Mail | None:
    """The mail of this letter, wanted and relayed; None when it was dropped. Either way nothing is left to do."""
    posted.mails.clear()
    with shop.database.write() as session:
        want(session, letter, subject_id)
    [event] = outbox(shop)
    assert relay_all(shop) == 1
    assert outbox(shop) == []
    if not posted.mails:
        return None
    [mail] = posted.mails
    assert mail.id == event["id"]
    return mail


def link_to(shop: Shop, purpose: LinkPurpose, user_id: UUID | None, email: str) -> UUID:
    with shop.database.write() as session:
        return make_link(session, purpose, user_id, email=email)


def change(shop: Shop, statement: Any) -> None:
    with shop.database.write() as session:
        session.execute(statement)


def unverified(shop: Shop) -> None:
    change(shop, update(User).where(User.id == ALICE).values(email_verified_at=None))


def invited(shop: Shop, **changed: Any) -> UUID:
    """An invitation of Dana's to two departments, good for a week."""
    with shop.database.write() as session:
        departments = session.scalars(select(Department.id).where(Department.slug.in_(["groceries", "household"])))
        given = {
            "id": new_id(),
            "email": "kim@example.com",
            "role": Role.STAFF,
            "departments": list(departments),
            "rights": ["read"],
            "invited_by": DANA,
            "expires_at": clock.now() + timedelta(days=7),
            **changed,
        }
        session.add(StaffInvitation(**given))
        return UUID(str(given["id"]))


def both(mail: Mail, words: str) -> bool:
    """Whether the words stand in the text and in the HTML, whatever lines they are broken into."""
    return words in " ".join(mail.text.split()) and words.replace("&", "&amp;") in " ".join(mail.html.split())


LINKS = [
    (Letter.VERIFICATION, "verify", "Verify your e-mail address for Tea & Co", "24 hours"),
    (Letter.CHOOSE_PASSWORD, "reset-password", "Choose a password for Tea & Co", "30 minutes"),
    (Letter.PASSWORD_RESET, "reset-password", "Set a new password for Tea & Co", "30 minutes"),
    (Letter.EMAIL_CHANGE, "confirm-email", "Confirm your new e-mail address for Tea & Co", "2 hours"),
]


PURPOSES = {
    Letter.VERIFICATION: LinkPurpose.VERIFICATION,
    Letter.CHOOSE_PASSWORD: LinkPurpose.PASSWORD_RESET,
    Letter.PASSWORD_RESET: LinkPurpose.PASSWORD_RESET,
    Letter.EMAIL_CHANGE: LinkPurpose.EMAIL_CHANGE,
}


def address_for(letter: Letter) -> str:
    return "new-alice@example.com" if letter is Letter.EMAIL_CHANGE else "alice@example.com"


@pytest.mark.parametrize(("letter", "path", "subject", "good_for"), LINKS)
def test_a_letter_with_a_link(
    post: tuple[Shop, Posted], letter: Letter, path: str, subject: str, good_for: str
) -> None:
    shop, posted = post
    purpose = PURPOSES[letter]
    if letter in (Letter.VERIFICATION, Letter.CHOOSE_PASSWORD):
        unverified(shop)
    link_id = link_to(shop, purpose, ALICE, address_for(letter))
    # when
    mail = sent(shop, posted, letter, link_id)
    # then
    assert mail is not None
    assert (mail.to, mail.subject) == (address_for(letter), subject)
    link = f"https://shop.example/{path}?token={shop.links.sign(purpose, link_id)}"
    assert f"\n{link}\n" in mail.text
    assert f'href="{link}"' in mail.html
    assert both(mail, f"The link is good for {good_for} and works once.")
    assert shop.links.read(purpose, link.partition("=")[2]) == link_id


@pytest.mark.parametrize("letter", [each[0] for each in LINKS])
@pytest.mark.parametrize("how", ["nobody's", "used", "late", "unknown", "of another purpose", "erased"])
def test_a_letter_whose_link_leads_nowhere_is_dropped(post: tuple[Shop, Posted], letter: Letter, how: str) -> None:
    shop, posted = post
    unverified(shop)
    purpose = PURPOSES[letter]
    other = LinkPurpose.PASSWORD_RESET if purpose != LinkPurpose.PASSWORD_RESET else LinkPurpose.EMAIL_CHANGE
    of_link = update(AccountLink)
    link_id = link_to(shop, purpose, None if how == "nobody's" else ALICE, address_for(letter))
    if how == "used":
        change(shop, of_link.values(used_at=clock.now()))
    elif how == "late":
        change(shop, of_link.values(expires_at=clock.now()))
    elif how == "of another purpose":
        change(shop, of_link.values(purpose=other))
    elif how == "erased":
        change(shop, update(User).where(User.id == ALICE).values(deleted_at=clock.now()))
    # then
    assert sent(shop, posted, letter, new_id() if how == "unknown" else link_id) is None


def test_who_is_verified_already_gets_no_verification(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    link_id = link_to(shop, LinkPurpose.VERIFICATION, ALICE, "alice@example.com")
    assert sent(shop, posted, Letter.VERIFICATION, link_id) is None


@pytest.mark.parametrize("letter", [Letter.VERIFICATION, Letter.PASSWORD_RESET])
def test_a_link_for_an_address_that_was_changed_is_not_sent(post: tuple[Shop, Posted], letter: Letter) -> None:
    shop, posted = post
    unverified(shop)
    link_id = link_to(shop, PURPOSES[letter], ALICE, "alice@example.com")
    change(shop, update(User).where(User.id == ALICE).values(email="alice@elsewhere.example"))
    assert sent(shop, posted, letter, link_id) is None


def test_a_new_address_is_not_greeted_by_a_name_its_reader_may_not_know(post: tuple[Shop, Posted]) -> None:
    """Anybody may name an account as an advertisement, and ask for a change to anybody's address."""
    shop, posted = post
    change(shop, update(User).where(User.id == ALICE).values(name="Your prize waits at evil.example"))
    mail = sent(shop, posted, Letter.EMAIL_CHANGE, link_to(shop, LinkPurpose.EMAIL_CHANGE, ALICE, "new@example.com"))
    assert mail is not None
    assert "prize" not in mail.text + mail.html


def test_an_address_that_nobody_proved_is_in_nobodys_way(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    change(shop, update(User).where(User.id == BOB).values(email_verified_at=None))
    link_id = link_to(shop, LinkPurpose.EMAIL_CHANGE, ALICE, "bob@example.com")
    mail = sent(shop, posted, Letter.EMAIL_CHANGE, link_id)
    assert mail is not None
    assert mail.to == "bob@example.com"


def test_an_address_that_somebody_took_meanwhile_is_not_written_to(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    link_id = link_to(shop, LinkPurpose.EMAIL_CHANGE, ALICE, "sam@example.com")
    assert sent(shop, posted, Letter.EMAIL_CHANGE, link_id) is None


TO_ACCOUNTS = [
    (Letter.ACCOUNT_EXISTS, "You already have an account at Tea & Co", "no new one was made"),
    (Letter.PASSWORD_CHANGED, "Your password for Tea & Co was changed", "ask for a new password at once"),
    (Letter.SESSION_ENDED, "You were logged out of Tea & Co", "change your password"),
]


@pytest.mark.parametrize(("letter", "subject", "words"), TO_ACCOUNTS)
def test_a_letter_to_an_account(post: tuple[Shop, Posted], letter: Letter, subject: str, words: str) -> None:
    shop, posted = post
    mail = sent(shop, posted, letter, ALICE)
    assert mail is not None
    assert (mail.to, mail.subject) == ("alice@example.com", subject)
    assert both(mail, "Hello Alice Moreno,")
    assert both(mail, words)
    assert "token=" not in mail.text + mail.html


@pytest.mark.parametrize("letter", [each[0] for each in TO_ACCOUNTS])
def test_who_is_gone_gets_no_letter(post: tuple[Shop, Posted], letter: Letter) -> None:
    shop, posted = post
    assert sent(shop, posted, letter, new_id()) is None
    change(shop, update(User).where(User.id == ALICE).values(deleted_at=clock.now()))
    assert sent(shop, posted, letter, ALICE) is None


def test_the_former_address_hears_of_a_change_that_was_faster_than_the_mail(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    notice_id = link_to(shop, LinkPurpose.EMAIL_CHANGE_NOTICE, ALICE, "alice@example.com")
    change(shop, update(User).where(User.id == ALICE).values(email="mallory@example.com"))
    mail = sent(shop, posted, Letter.EMAIL_CHANGE_NOTICE, notice_id)
    assert mail is not None
    assert (mail.to, mail.subject) == ("alice@example.com", "Your e-mail address for Tea & Co is about to change")
    assert both(mail, "Hello Alice Moreno,")
    assert both(mail, "set a new one at once")
    assert "token=" not in mail.text + mail.html


def test_of_an_account_that_is_gone_no_former_address_hears(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    notice_id = link_to(shop, LinkPurpose.EMAIL_CHANGE_NOTICE, ALICE, "alice@example.com")
    assert sent(shop, posted, Letter.EMAIL_CHANGE_NOTICE, new_id()) is None
    change(shop, update(User).where(User.id == ALICE).values(deleted_at=clock.now()))
    assert sent(shop, posted, Letter.EMAIL_CHANGE_NOTICE, notice_id) is None


def test_every_kind_of_letter_is_tested_here() -> None:
    others = {Letter.INVITATION, Letter.EMAIL_CHANGE_NOTICE}
    assert {each[0] for each in LINKS} | {each[0] for each in TO_ACCOUNTS} | others == set(Letter)


def test_an_invitation_says_who_invites_and_to_what(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    with time_machine.travel("2026-03-01T09:30:00Z", tick=False):
        invitation_id = invited(shop)
        mail = sent(shop, posted, Letter.INVITATION, invitation_id)
    assert mail is not None
    assert (mail.to, mail.subject) == ("kim@example.com", "You are invited to work at Tea & Co")
    assert both(mail, "Dana Weiss invites you to work at Tea & Co in Groceries, Household.")
    link = f"https://shop.example/accept-invitation?token={shop.links.sign('invitation', invitation_id)}"
    assert f"\n{link}\n" in mail.text
    assert f'href="{link}"' in mail.html
    assert both(mail, "The link is good until 8 March 2026, 09:30 UTC and works once.")


def test_an_invitation_of_an_admin_by_somebody_who_left(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    mail = sent(shop, posted, Letter.INVITATION, invited(shop, role=Role.ADMIN, departments=[], invited_by=None))
    assert mail is not None
    assert both(mail, "You are invited to work at Tea & Co as an administrator.")


@pytest.mark.parametrize(
    "how", [{"accepted_at": NOW, "email": None}, {"withdrawn_at": NOW, "email": None}, {"expires_at": NOW}]
)
def test_an_invitation_that_is_not_open_is_dropped(post: tuple[Shop, Posted], how: dict[str, Any]) -> None:
    shop, posted = post
    assert sent(shop, posted, Letter.INVITATION, invited(shop, **how)) is None
    assert sent(shop, posted, Letter.INVITATION, new_id()) is None


def test_registering_sends_a_link_and_no_words_of_a_stranger(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    name = "You won! https://evil.example"
    register_customer(shop.database, shop.passwords, name=name, email="erin@example.com", password="a long one 1")
    assert relay_all(shop) == 1
    [mail] = posted.mails
    assert (mail.to, mail.subject) == ("erin@example.com", "Verify your e-mail address for Tea & Co")
    assert mail.text.startswith("Hello,\n")
    assert both(mail, "If you did not register, ignore this mail")
    assert "evil" not in mail.text + mail.html


def test_registering_a_known_address_tells_its_owner(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    register_customer(shop.database, shop.passwords, name="Eve", email="alice@example.com", password="a long one 1")
    assert relay_all(shop) == 1
    assert [(mail.to, mail.subject) for mail in posted.mails] == [
        ("alice@example.com", "You already have an account at Tea & Co")
    ]
    assert "Eve" not in posted.mails[0].text


def test_asking_for_an_unknown_address_sends_nothing(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    request_password_reset(shop.database, email="nobody@example.com")
    assert relay_all(shop) == 1
    assert posted.mails == []
    assert outbox(shop) == []


def test_names_cannot_bring_html_along(post: tuple[Shop, Posted]) -> None:
    shop, posted = post
    change(shop, update(User).where(User.id == ALICE).values(name="<b onclick='x()'>Alice</b> & Co"))
    mail = sent(shop, posted, Letter.PASSWORD_CHANGED, ALICE)
    assert mail is not None
    assert "Hello <b onclick='x()'>Alice</b> & Co," in mail.text
    assert "Hello &lt;b onclick=&#39;x()&#39;&gt;Alice&lt;/b&gt; &amp; Co," in mail.html


def test_a_letter_with_a_hole_is_not_written() -> None:
    with pytest.raises(UndefinedError):
        written(Letter.PASSWORD_RESET, {"shop_name": "Tea", "public_url": "https://shop.example", "name": None})


def test_a_kind_that_this_release_does_not_know_is_refused(session: Session, shop: Shop) -> None:
    with pytest.raises(ValueError, match="a_newer_kind"):
        find_draft(session, {"letter": "a_newer_kind", "subject": str(ALICE)}, links=shop.links, public_url="")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(days=1), "24 hours"),
    ],
)
def test_a_span_in_words(span: timedelta, words: str) -> None:
    assert in_words(span) == words
