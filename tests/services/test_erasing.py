"""Erasing a person: nothing personal stays, the books stay whole, and nobody else loses anything."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
from sqlalchemy import select, update

from demo.cast import PASSWORD
from models import AccountLink, Base, OutboxEvent, StaffInvitation, User
from models.account_link import LinkPurpose
from models.audit_entry import AuditAction
from models.user import Role
from services.accounts import letters
from services.accounts.actor import Actor
from services.accounts.erasing import PSEUDONYM, delete_account
from services.accounts.letters import Letter
from services.accounts.linking import make_link
from services.accounts.sessions import SESSIONS_ENDED
from tests.faults.rivals import interrupted
from tests.services.acting import place
from tests.services.belongings import (
    NAMES_AN_ACCOUNT,
    NAMES_SOMETHING_ELSE,
    NOT_PERSONAL_COLUMNS,
    NOT_PERSONAL_TABLES,
    Canaries,
    columns,
    columns_that_name_accounts,
    named,
    personal_columns,
    plant,
)
from tests.services.discounted import rewarded
from tests.services.evidence import everything, nothing_changed
from tests.services.people import account, noted, registered
from tests.services.searching import all_of_redis, all_tables, found_in
from tests.support import ALICE, BOB, DANA, SAM, actor_for
from utils import clock
from utils.errors import Conflict, WrongCredentials
from utils.ids import new_id
from wiring import Shop


def erase(shop: Shop, who: str = "alice", password: str = PASSWORD) -> None:
    """The person deletes the account."""
    actor = actor_for(shop, who)
    delete_account(shop.database, shop.passwords, actor=actor, password=password, cache=shop.cache)


def planted_for(shop: Shop, user_id: UUID) -> Canaries:
    """A canary in every personal column of this person."""
    with shop.database.write() as session:
        # Another hash of the same password: the cast share one.
        return plant(session, user_id, password_hash=shop.passwords.hash(PASSWORD))


def test_every_column_that_can_hold_words_is_sorted(shop: Shop) -> None:
    """A new column fails here until somebody has said whether anything of a person can stand in it."""
    tables, all_columns = set(Base.metadata.tables), {named(each) for each in columns()}

    assert set(planted_for(shop, ALICE).values) == personal_columns()
    assert set(NOT_PERSONAL_TABLES) <= tables
    assert {*NOT_PERSONAL_COLUMNS, *NAMES_AN_ACCOUNT, *NAMES_SOMETHING_ELSE} <= all_columns


def test_every_column_that_names_an_account_is_sorted() -> None:
    assert set(NAMES_AN_ACCOUNT) == columns_that_name_accounts()


def test_no_canary_survives(shop: Shop, product: Callable[..., UUID], redis_client: redis.Redis) -> None:
    # given
    planted = planted_for(shop, ALICE)
    place(shop, "alice", (product(), 1))
    assert set(found_in(all_tables(shop.database), planted.needles())) == set(planted.values)
    # when
    erase(shop)
    # then
    assert found_in(all_tables(shop.database) | all_of_redis(redis_client), planted.needles()) == {}


def test_the_row_stays_as_a_pseudonym(shop: Shop) -> None:
    planted_for(shop, ALICE)
    with shop.database.write() as session:
        session.get_one(User, ALICE).region_code = "GB"
    before = clock.now()
    erase(shop)

    with shop.database.read() as session:
        user = session.get_one(User, ALICE)
    assert user.deleted_at is not None
    assert before <= user.deleted_at <= clock.now()
    assert (user.email, user.name, user.phone) == (f"deleted-{ALICE}@deleted.invalid", PSEUDONYM, None)
    assert (user.password_hash, user.role, user.rights, user.email_verified_at) == ("!", "customer", [], None)
    assert user.region_code is None


def test_ids_that_name_the_account_are_erased_or_stay_for_the_books(shop: Shop, product: Callable[..., UUID]) -> None:
    planted_for(shop, ALICE)
    rewarded(shop, place(shop, "alice", (product(), 1)))
    erase(shop)

    with shop.database.read() as session:
        for name, becomes in NAMES_AN_ACCOUNT.items():
            table, column = name.split(".")
            id_column = Base.metadata.tables[table].columns[column]
            left = session.execute(select(id_column).where(id_column == ALICE)).all()
            assert (becomes, left == []) in {("erased", True), ("pseudonym", False), ("pseudonym", True)}, name
        assert noted(shop.database)[-1] == (AuditAction.ACCOUNT_DELETED, ALICE, ALICE)


def test_nobody_else_loses_anything(shop: Shop, product: Callable[..., UUID]) -> None:
    # given
    planted_for(shop, ALICE)
    with shop.database.write() as session:
        theirs = plant(session, BOB, password_hash="Canary499zq", first=500)
    rewarded(shop, place(shop, "bob", (product(), 1)), BOB, code="FOR BOB")
    rewarded(shop, place(shop, "alice", (product(), 1)))
    before = everything(shop.database)
    # when
    erase(shop)
    # then
    after = everything(shop.database)
    assert set(found_in(all_tables(shop.database), theirs.needles())) == set(theirs.values)
    kept = {"orders", "order_items", "order_steps", "stock_movements", "products", "departments", "categories"}
    kept |= {"discounts", "discount_codes", "discount_uses", "order_pricing", "pricing_rules", "tax_rates"}
    assert {name for name in kept if before[name] != after[name]} == set()
    lost = {name: [row for row in before[name] if row not in after[name]] for name in before}
    assert [name for name, rows in lost.items() for row in rows if str(BOB) in str(row)] == []


def test_the_address_is_free_for_a_new_person(shop: Shop, product: Callable[..., UUID]) -> None:
    # given
    place(shop, "alice", (product(), 1))
    erase(shop)
    # when
    registered(shop, email="alice@example.com")
    # then
    again = account(shop, "alice@example.com")
    assert (again.id != ALICE, again.email_verified, again.deleted_at) == (True, False, None)


def test_invitations_to_an_address_that_was_never_proven_wait_for_its_owner(shop: Shop) -> None:
    """Somebody registers another's address, and deletes the account: the owner's invitation and links stay."""
    with shop.database.write() as session:
        session.execute(update(User).where(User.id == ALICE).values(email_verified_at=None))
        session.add(
            StaffInvitation(
                email="alice@example.com",
                role=Role.ADMIN,
                departments=[],
                rights=[],
                invited_by=DANA,
                expires_at=clock.now() + timedelta(days=1),
            )
        )
        theirs = make_link(session, LinkPurpose.EMAIL_CHANGE, BOB, email="alice@example.com")
    erase(shop)

    with shop.database.read() as session:
        assert len(session.scalars(select(StaffInvitation)).all()) == 1
        assert session.scalars(select(AccountLink.id)).all() == [theirs]


def test_a_link_of_another_person_to_the_proven_address_goes(shop: Shop) -> None:
    with shop.database.write() as session:
        session.execute(update(User).where(User.id == ALICE).values(email_verified_at=clock.now()))
        make_link(session, LinkPurpose.EMAIL_CHANGE, BOB, email="alice@example.com")
        other = make_link(session, LinkPurpose.EMAIL_CHANGE, BOB, email="robert@example.com")
    erase(shop)

    with shop.database.read() as session:
        assert session.scalars(select(AccountLink.id)).all() == [other]


def test_who_leaves_takes_the_invitations_back_that_are_still_open(shop: Shop) -> None:
    with shop.database.write() as session:
        invitation = StaffInvitation(
            email="erin@example.com",
            role=Role.STAFF,
            departments=[new_id()],
            rights=[],
            invited_by=SAM,
            expires_at=clock.now() + timedelta(days=1),
        )
        session.add(invitation)
    erase(shop, "sam")

    with shop.database.read() as session:
        assert session.get_one(StaffInvitation, invitation.id).withdrawn_at is not None
    assert (AuditAction.INVITATION_WITHDRAWN, invitation.id, SAM) in noted(shop.database)


def test_letters_to_the_person_leave_the_outbox_and_the_end_of_the_sessions_stays_in_it(shop: Shop) -> None:
    with shop.database.write() as session:
        letters.want(session, Letter.PASSWORD_CHANGED, ALICE)
        letters.want(session, Letter.PASSWORD_RESET, make_link(session, LinkPurpose.PASSWORD_RESET, ALICE, email="a"))
        letters.want(session, Letter.PASSWORD_CHANGED, BOB)
    erase(shop)

    with shop.database.read() as session:
        left: list[Any] = [(row.name, row.payload) for row in session.scalars(select(OutboxEvent))]
    assert sorted(left, key=str) == [
        (letters.LETTER_WANTED, {"letter": "password_changed", "subject": str(BOB)}),
        (SESSIONS_ENDED, {"sessions": [str(ALICE)]}),
    ]


def test_an_admin_may_go_while_another_stays(shop: Shop) -> None:
    with shop.database.write() as session:
        session.execute(update(User).where(User.id == BOB).values(role=Role.ADMIN))
    erase(shop, "dana")

    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        erase(shop, "bob")
    assert refusal.value.message == "You are the last admin. Make somebody else an admin first."


def test_a_deleted_admin_is_no_other_admin(shop: Shop) -> None:
    with shop.database.write() as session:
        session.execute(update(User).where(User.id == BOB).values(role=Role.ADMIN, deleted_at=clock.now()))

    with nothing_changed(shop.database), pytest.raises(Conflict):
        erase(shop, "dana")


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [({"role": Role.ADMIN}, Conflict), ({"password_hash": "another"}, WrongCredentials)],
)
def test_an_account_that_changed_since_the_password_was_asked_is_not_deleted(
    committing_shop: Shop, meanwhile: dict[str, Any], refusal: type[Exception]
) -> None:
    shop = committing_shop
    registered(shop)
    user = account(shop)

    def rival() -> None:
        with shop.database.write() as session:
            session.execute(update(User).where(User.id == user.id).values(meanwhile))

    acting = Actor(id=user.id, role=Role.CUSTOMER)
    reading = shop.database.reading_engine
    with interrupted(reading, after="FROM users", by=rival), pytest.raises(refusal):
        delete_account(shop.database, shop.passwords, actor=acting, password="correct horse", cache=shop.cache)
    assert account(shop).deleted_at is None
