"""Accounts that nobody ever proved are forgotten, and no others."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models import Order, User
from services.accounts.forgetting import forget_unproven_accounts
from services.accounts.sessions import end_all_sessions
from tests.services.people import ERIN, account, come_in, registered
from tests.support import ALICE
from utils import clock
from utils.ids import new_id
from wiring import Shop

OLD = timedelta(days=30, seconds=1)


def forgotten(shop: Shop) -> tuple[int, bool]:
    """How many went, and whether Erin is still there."""
    with shop.database.write() as session:
        count = forget_unproven_accounts(session)
        return count, session.scalars(select(User.id).where(User.email == ERIN)).one_or_none() is not None


def aged(shop: Shop, **values: object) -> None:
    """Erin registered 30 days ago, and a second."""
    registered(shop)
    with shop.database.write() as session:
        session.execute(update(User).where(User.email == ERIN).values(created_at=clock.now() - OLD, **values))


def test_an_account_that_nobody_proved_in_thirty_days_goes_with_all_it_had(shop: Shop) -> None:
    aged(shop)
    come_in(shop)
    with shop.database.write() as session:
        end_all_sessions(session, account(shop).id, cache=shop.cache)
    assert forgotten(shop) == (1, False)
    assert forgotten(shop) == (0, False)


def test_who_is_young_or_proven_or_works_here_or_is_erased_stays(shop: Shop) -> None:
    registered(shop)
    assert forgotten(shop) == (0, True)
    bare = {"created_at": clock.now() - OLD, "email_verified_at": None, "role": "customer", "deleted_at": None}
    for values in ({"email_verified_at": clock.now()}, {"role": "staff"}, {"deleted_at": clock.now()}):
        with shop.database.write() as session:
            session.execute(update(User).where(User.email == ERIN).values(**bare | values))
        assert forgotten(shop) == (0, True)


def test_who_is_signed_in_stays(shop: Shop) -> None:
    aged(shop)
    come_in(shop)
    assert forgotten(shop) == (0, True)


@pytest.mark.parametrize("proven", [None, clock.now()])
def test_who_ordered_stays(shop: Shop, proven: object) -> None:
    aged(shop, email_verified_at=proven)
    with shop.database.write() as session:
        moment = clock.now()
        session.add(
            Order(
                id=new_id(),
                customer_id=account(shop).id,
                currency="USD",
                total_amount=1,
                net_goods=1,
                net_shipping=0,
                tax_total=0,
                discount_total=0,
                created_at=moment,
                updated_at=moment,
            )
        )
    assert forgotten(shop) == (0, True)
    assert account(shop, "alice@example.com").id == ALICE
