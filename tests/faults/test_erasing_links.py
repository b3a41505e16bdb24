"""Letters asked for while an account is deleted: no link brings the person's address back."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from models import AccountLink, User
from models.user import Role
from services.accounts.actor import Actor
from services.accounts.changing_password import request_password_reset
from services.accounts.erasing import delete_account
from services.accounts.verifying import request_verification
from tests.faults.rivals import interrupted
from tests.services.people import ERIN, GOOD_PASSWORD, account, registered
from wiring import Shop


@pytest.mark.parametrize(
    ("ask", "is_verified"),
    [
        (lambda shop: request_password_reset(shop.database, email=ERIN), True),
        (lambda shop: request_verification(shop.database, email=ERIN), False),
    ],
)
def test_a_link_asked_for_before_the_deletion_holds_nothing_after_it(
    committing_shop: Shop, ask: Callable[[Shop], None], is_verified: bool
) -> None:
    shop = committing_shop
    registered(shop)
    proven = func.now() if is_verified else None
    with shop.database.write() as session:
        session.execute(update(User).where(User.email == ERIN).values(email_verified_at=proven))
    erin = Actor(id=account(shop).id, role=Role.CUSTOMER)

    def erase() -> None:
        delete_account(shop.database, shop.passwords, actor=erin, password=GOOD_PASSWORD, cache=shop.cache)

    with interrupted(shop.database.engine, after="FROM users", by=erase):
        ask(shop)
    with shop.database.read() as session:
        left = session.execute(select(AccountLink.user_id, AccountLink.email)).all()
    assert left == [(None, None)]


def test_an_address_given_up_while_it_is_registered_is_a_new_persons(committing_shop: Shop) -> None:
    shop = committing_shop
    registered(shop)
    former = Actor(id=account(shop).id, role=Role.CUSTOMER)

    def erase() -> None:
        delete_account(shop.database, shop.passwords, actor=former, password=GOOD_PASSWORD, cache=shop.cache)

    with interrupted(shop.database.engine, after="INSERT INTO users", by=erase):
        registered(shop, name="Erin the second")
    assert account(shop).id != former.id
    with shop.database.read() as session:
        left = session.execute(select(AccountLink.user_id, AccountLink.email)).all()
    assert left == [(account(shop).id, ERIN)]
