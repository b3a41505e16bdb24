"""Coming in, staying and leaving: passwords, refresh tokens that serve once, and sessions that end at once."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import redis
import time_machine
from sqlalchemy import select

from demo.cast import PASSWORD
from models import AuditEntry, RefreshToken, User
from models.user import Right, Role
from services.accounts.actor import Actor
from services.accounts.changing_password import change_password
from services.accounts.reading import get_department_by_slug
from services.accounts.sessions import (
    SESSIONS_ENDED,
    Device,
    actor_of,
    end_all_sessions,
    forget_old_sessions,
    hash_of,
    list_sessions,
    repeat_end,
    require_live,
)
from services.accounts.signing_in import log_in, log_out, log_out_elsewhere, log_out_everywhere, log_out_with
from tests.services.evidence import everything, news_of, nothing_changed
from tests.services.people import cast_comes_in, come_in, go_on, letters, noted, sessions_of
from tests.support import ALICE, BOB, DANA, SAM, QuickPasswords, actor_for
from utils.errors import Forbidden, NotFound, Unauthenticated, WrongCredentials
from utils.ids import new_id
from utils.tokens import Claims
from wiring import Shop

GOOD = "a new horse, correct"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Counted = Callable[[], AbstractContextManager[list[str]]]


def alive(shop: Shop, actor: Actor) -> bool:
    """Whether this actor's session lives, as a request would find out."""
    assert actor.session_id is not None
    with shop.database.read() as session:
        try:
            require_live(shop.cache, actor.session_id, reading=lambda: session)
        except Unauthenticated:
            return False
    return True


def who(shop: Shop, access_token: str) -> Actor:
    """Who bears this token."""
    return actor_of(shop.tokens, access_token)


@time_machine.travel(NOON, tick=False)
def test_a_login_opens_a_session_of_this_device(shop: Shop) -> None:
    # when
    signed_in = cast_comes_in(shop, " ALICE@example.com ".strip())
    # then
    (stay,) = sessions_of(shop.database, ALICE)
    assert (stay.created_at, stay.last_used_at, stay.revoked_at) == (NOON, NOON, None)
    assert stay.expires_at == signed_in.refresh_expires_at == NOON + timedelta(days=7)
    assert (stay.user_agent, stay.network) == ("Telephone/1.0", "192.0.2.7")
    assert who(shop, signed_in.access_token) == Actor(id=ALICE, role=Role.CUSTOMER, session_id=stay.id, verified=True)
    assert noted(shop.database) == [("session.opened", ALICE, ALICE)]
    with shop.database.read() as session:
        (entry,) = session.scalars(select(AuditEntry)).all()
    assert (entry.subject_type, entry.after) == ("account", {"session": str(stay.id)})


def test_a_refresh_token_is_kept_as_a_hash_only(shop: Shop) -> None:
    signed_in = cast_comes_in(shop, "alice@example.com")
    assert len(signed_in.refresh_token) == 43
    with shop.database.read() as session:
        assert session.scalars(select(RefreshToken.token_hash)).all() == [hash_of(signed_in.refresh_token)]
    assert signed_in.refresh_token not in str(everything(shop.database))


def test_what_a_device_calls_itself_is_cut(shop: Shop) -> None:
    device = Device(user_agent="x" * 5000, network="2001:db8::1")
    log_in(
        shop.database, shop.passwords, email="alice@example.com", password=PASSWORD, keeper=shop.keeper, device=device
    )
    assert sessions_of(shop.database, ALICE)[0].user_agent == "x" * 200


def test_a_token_carries_the_departments_and_rights_of_staff(shop: Shop) -> None:
    with shop.database.read() as session:
        marketplace = get_department_by_slug(session, "marketplace").id
        groceries = get_department_by_slug(session, "groceries").id
    sam = who(shop, cast_comes_in(shop, "sam@example.com").access_token)
    assert (sam.id, sam.role, sam.departments) == (SAM, Role.STAFF, frozenset({marketplace}))
    assert sam.rights == frozenset({Right.READ, Right.PRODUCTS, Right.ORDERS})
    dana = who(shop, cast_comes_in(shop, "dana@example.com").access_token)
    assert (dana.id, dana.role, dana.departments, dana.rights) == (DANA, Role.ADMIN, frozenset(), frozenset())
    # and what each may do
    actor_for(shop, "sam").require_department(marketplace)
    actor_for(shop, "dana").require_department(groceries)
    assert [actor_for(shop, name).may(Right.REFUNDS) for name in ("alice", "sam", "dana")] == [False, False, True]
    for name in ("sam", "alice"):
        with pytest.raises(Forbidden):
            actor_for(shop, name).require_department(groceries)


def test_departments_and_rights_give_a_customer_nothing() -> None:
    department = new_id()
    customer = Actor(
        id=ALICE, role=Role.CUSTOMER, departments=frozenset({department}), rights=frozenset({Right.PRODUCTS})
    )
    with pytest.raises(Forbidden):
        customer.require_department(department)
    with pytest.raises(Forbidden):
        customer.require(Right.PRODUCTS)


@pytest.mark.parametrize(("role", "rights"), [("king", set()), ("staff", {"everything"})])
def test_a_role_or_right_we_do_not_know_is_nobody(shop: Shop, role: str, rights: set[str]) -> None:
    claims = Claims(subject=ALICE, session_id=ALICE, role=role, rights=frozenset(rights))
    with pytest.raises(Unauthenticated):
        who(shop, shop.tokens.issue(claims))


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.com", "wrong"),
        ("alice@example.com", ""),
        ("alice@example.com", PASSWORD.lower()),
        ("alice@example.com", PASSWORD + " " * 200),
        ("alice@example.com", "p" * 100_000),
        ("nobody@example.com", PASSWORD),
        ("nobody@example.com", "nobody has this password"),
        ("no address", PASSWORD),
        ("alice@example.com\0", PASSWORD),
        ("", ""),
    ],
)
def test_every_wrong_pair_gets_the_same_answer(shop: Shop, email: str, password: str) -> None:
    with nothing_changed(shop.database, but=("audit_entries",)), pytest.raises(WrongCredentials) as refusal:
        come_in(shop, email, password)
    assert (refusal.value.message, refusal.value.details) == (
        "No account has this e-mail address with this password.",
        {},
    )
    assert noted(shop.database) == [("session.refused", ALICE if email == "alice@example.com" else None, None)]


def test_a_wrong_pair_costs_the_same_statements_whether_the_account_exists(shop: Shop, counted_sql: Counted) -> None:
    spent = []
    for email in ("alice@example.com", "nobody@example.com", "no address"):
        with counted_sql() as statements, pytest.raises(WrongCredentials):
            come_in(shop, email, "wrong")
        spent.append([each.split("(")[0] for each in statements])
    assert spent[0] == spent[1] == spent[2]


class Overtaken(QuickPasswords):
    """Checks as ever; before it says so, a rival acts."""

    def __init__(self, rival: Callable[[], None]) -> None:
        super().__init__()
        self._rival = rival

    def matches(self, encoded: str | None, password: str) -> bool:
        """Whether it fits; then the rival has been here."""
        found = super().matches(encoded, password)
        self._rival()
        return found


def test_a_password_changed_while_it_was_checked_lets_nobody_in(shop: Shop) -> None:
    """A rival resets the password between our look at the hash and our writing of the session."""

    def rival() -> None:
        with shop.database.write() as session:
            session.get_one(User, BOB).password_hash = "another"
            end_all_sessions(session, BOB, cache=shop.cache)

    with pytest.raises(WrongCredentials):
        log_in(
            shop.database,
            Overtaken(rival),
            email="bob@example.com",
            password=PASSWORD,
            keeper=shop.keeper,
            device=Device(),
        )
    assert sessions_of(shop.database, BOB) == []


def test_a_refresh_token_brings_the_next_pair(shop: Shop) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        first = cast_comes_in(shop, "alice@example.com")
        now.shift(timedelta(hours=1))
        second = go_on(shop, first.refresh_token)
        (stay,) = sessions_of(shop.database, ALICE)
        assert (stay.last_used_at, stay.expires_at) == (NOON + timedelta(hours=1), NOON + timedelta(days=7, hours=1))
        assert second.refresh_expires_at == stay.expires_at
        assert who(shop, second.access_token).session_id == stay.id
        assert second.refresh_token != first.refresh_token
        assert go_on(shop, second.refresh_token).user.id == ALICE


def test_an_old_refresh_token_ends_the_whole_session(shop: Shop) -> None:
    # given: two in the family
    first = cast_comes_in(shop, "alice@example.com")
    second = go_on(shop, first.refresh_token)
    other = cast_comes_in(shop, "alice@example.com")
    # when: a thief, or the owner after the thief, comes with the old one
    with pytest.raises(Unauthenticated):
        go_on(shop, first.refresh_token)
    # then
    with pytest.raises(Unauthenticated):
        go_on(shop, second.refresh_token)
    assert not alive(shop, who(shop, second.access_token))
    assert letters(shop.database) == [("session_ended", ALICE)]
    assert noted(shop.database)[-1] == ("session.token_replayed", ALICE, None)
    # the session of another device is another family
    assert alive(shop, who(shop, other.access_token))
    # and once it has ended, the old token says no more
    with nothing_changed(shop.database), pytest.raises(Unauthenticated):
        go_on(shop, first.refresh_token)


def test_one_refresh_token_sent_by_many_at_once_serves_once(committing_shop: Shop) -> None:
    shop = committing_shop
    first, start, served = cast_comes_in(shop, "alice@example.com"), Barrier(6), list[str]()

    def send() -> None:
        start.wait()
        with suppress(Unauthenticated):
            served.append(go_on(shop, first.refresh_token).refresh_token)

    threads = [Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(served) == 1
    with pytest.raises(Unauthenticated):
        go_on(shop, served[0])


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 100_000, "\0", "\ud800"])
def test_what_is_no_refresh_token_of_ours_changes_nothing(shop: Shop, token: str) -> None:
    good = cast_comes_in(shop, "alice@example.com")
    for sent in (token, good.refresh_token[:-1], good.refresh_token + "a", good.access_token):
        with nothing_changed(shop.database), pytest.raises(Unauthenticated) as refusal:
            go_on(shop, sent)
        assert refusal.value.message == "The refresh token is not valid any more. Log in again."
    assert go_on(shop, good.refresh_token).user.id == ALICE


def test_a_refresh_token_is_good_for_a_week_and_a_session_for_thirty_days(shop: Shop) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        newest = cast_comes_in(shop, "alice@example.com")
        now.shift(timedelta(days=7))
        with nothing_changed(shop.database), pytest.raises(Unauthenticated):
            go_on(shop, newest.refresh_token)
        now.move_to(NOON)
        for _ in range(4):
            now.shift(timedelta(days=6))
            newest = go_on(shop, newest.refresh_token)
        now.shift(timedelta(days=5))
        newest = go_on(shop, newest.refresh_token)
        assert newest.refresh_expires_at == NOON + timedelta(days=30)
        now.move_to(NOON + timedelta(days=30))
        with pytest.raises(Unauthenticated):
            go_on(shop, newest.refresh_token)


def test_the_lifetime_of_refresh_tokens_is_a_setting(shop: Shop) -> None:
    with time_machine.travel(NOON, tick=False):
        keeper = replace(shop.keeper, refresh_lifetime=timedelta(minutes=5))
        signed_in = log_in(
            shop.database,
            shop.passwords,
            email="alice@example.com",
            password=PASSWORD,
            keeper=keeper,
            device=Device(),
        )
        assert signed_in.refresh_expires_at == NOON + timedelta(minutes=5)
    assert shop.keeper.refresh_lifetime == timedelta(minutes=10080)


def test_a_logout_ends_this_session_and_no_other(shop: Shop) -> None:
    one, other = cast_comes_in(shop, "alice@example.com"), cast_comes_in(shop, "alice@example.com")
    with shop.database.write() as session:
        log_out(session, actor=who(shop, one.access_token), cache=shop.cache)
    assert [alive(shop, who(shop, each.access_token)) for each in (one, other)] == [False, True]
    with pytest.raises(Unauthenticated):
        go_on(shop, one.refresh_token)
    go_on(shop, other.refresh_token)
    assert noted(shop.database)[2] == ("session.ended", ALICE, ALICE)


def test_a_logout_everywhere_ends_all_of_ones_own(shop: Shop) -> None:
    mine = [cast_comes_in(shop, "alice@example.com") for _ in range(3)]
    bobs = cast_comes_in(shop, "bob@example.com")
    with shop.database.write() as session:
        log_out_everywhere(session, actor=who(shop, mine[0].access_token), cache=shop.cache)
    assert [alive(shop, who(shop, each.access_token)) for each in (*mine, bobs)] == [False, False, False, True]


def test_a_refresh_token_is_enough_to_log_out(shop: Shop) -> None:
    first = cast_comes_in(shop, "alice@example.com")
    second = go_on(shop, first.refresh_token)
    with nothing_changed(shop.database), shop.database.write() as session:
        log_out_with(session, refresh_token="nonsense", cache=shop.cache)
    with shop.database.write() as session:
        log_out_with(session, refresh_token=second.refresh_token, cache=shop.cache)
    assert not alive(shop, who(shop, second.access_token))
    with nothing_changed(shop.database), shop.database.write() as session:
        log_out_with(session, refresh_token=second.refresh_token, cache=shop.cache)


def test_nobody_ends_anybody_elses_session(shop: Shop) -> None:
    bobs = cast_comes_in(shop, "bob@example.com")
    stay = sessions_of(shop.database, BOB)[0].id
    for wanted in (stay, new_id()):
        with nothing_changed(shop.database), pytest.raises(NotFound) as refusal, shop.database.write() as session:
            log_out_elsewhere(session, wanted, actor=actor_for(shop, "alice"), cache=shop.cache)
        assert refusal.value.message == "You have no such session."
    with shop.database.write() as session:
        log_out_elsewhere(session, stay, actor=actor_for(shop, "bob"), cache=shop.cache)
    assert not alive(shop, who(shop, bobs.access_token))
    # it ends once
    with nothing_changed(shop.database), pytest.raises(NotFound), shop.database.write() as session:
        log_out_elsewhere(session, stay, actor=actor_for(shop, "bob"), cache=shop.cache)


def test_sessions_are_listed_for_their_owner_while_they_live(shop: Shop) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        old = cast_comes_in(shop, "charlie@example.com")
        now.shift(timedelta(minutes=20))
        new = cast_comes_in(shop, "charlie@example.com")
        ids = [who(shop, each.access_token).session_id for each in (old, new)]
        now.shift(timedelta(minutes=20))
        go_on(shop, old.refresh_token)
        with shop.database.read() as session:
            assert [each.id for each in list_sessions(session, old.user.id) if each.id in ids] == ids
        now.shift(timedelta(days=6, hours=23, minutes=45))
        with shop.database.read() as session:
            assert [each.id for each in list_sessions(session, old.user.id) if each.id in ids] == ids[:1]


def test_a_new_session_asks_postgresql_nothing_while_redis_knows_it(shop: Shop, counted_sql: Counted) -> None:
    actor = who(shop, cast_comes_in(shop, "alice@example.com").access_token)
    with counted_sql() as statements:
        assert alive(shop, actor)
    assert statements == []


def test_an_empty_redis_is_filled_from_postgresql(shop: Shop, redis_client: redis.Redis, counted_sql: Counted) -> None:
    actor = who(shop, cast_comes_in(shop, "alice@example.com").access_token)
    redis_client.flushdb()
    for expected in (1, 0, 0):
        with counted_sql() as statements:
            assert alive(shop, actor)
        assert len(statements) == expected
    with shop.database.write() as session:
        log_out(session, actor=actor, cache=shop.cache)
    assert not alive(shop, actor)
    redis_client.flushdb()
    assert not alive(shop, actor)


def test_the_worker_repeats_what_redis_did_not_hear(shop: Shop, redis_client: redis.Redis) -> None:
    # given: an end that Redis did not hear of, as after a crash between the commit and the next line
    actor = who(shop, cast_comes_in(shop, "alice@example.com").access_token)
    assert actor.session_id is not None
    with shop.database.write() as session:
        log_out(session, actor=actor, cache=shop.cache)
        session.info.clear()
    assert alive(shop, actor)
    # when
    (payload,) = news_of(shop.database, SESSIONS_ENDED)
    assert payload == {"sessions": [str(actor.session_id)]}
    repeat_end(shop.cache, event_id=new_id(), session_ids=payload["sessions"])
    # then
    assert not alive(shop, actor)


def test_the_worker_leaves_alone_what_was_done(shop: Shop) -> None:
    event_id = new_id()
    shop.cache.renew([], done=str(event_id))
    actor = who(shop, cast_comes_in(shop, "alice@example.com").access_token)
    repeat_end(shop.cache, event_id=event_id, session_ids=[str(actor.session_id)])
    with shop.database.read() as session:
        require_live(shop.cache, actor.session_id or new_id(), reading=lambda: session)


def test_old_sessions_are_forgotten_with_their_tokens(shop: Shop) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        ended, living = cast_comes_in(shop, "alice@example.com"), cast_comes_in(shop, "alice@example.com")
        with shop.database.write() as session:
            log_out(session, actor=who(shop, ended.access_token), cache=shop.cache)
        with shop.database.write() as session:
            assert forget_old_sessions(session) == 0
        now.shift(timedelta(days=1, seconds=1))
        with shop.database.write() as session:
            assert forget_old_sessions(session) == 1
        go_on(shop, living.refresh_token)
        now.shift(timedelta(days=8))
        with shop.database.write() as session:
            assert forget_old_sessions(session) == 1
        assert everything(shop.database)["refresh_tokens"] == []


def test_a_changed_password_ends_all_other_sessions(shop: Shop) -> None:
    this, other = cast_comes_in(shop, "alice@example.com"), cast_comes_in(shop, "alice@example.com")
    change_password(
        shop.database,
        shop.passwords,
        actor=who(shop, this.access_token),
        current=PASSWORD,
        new=GOOD,
        cache=shop.cache,
    )
    assert [alive(shop, who(shop, each.access_token)) for each in (this, other)] == [True, False]
    assert come_in(shop, "alice@example.com", GOOD).user.id == ALICE
    with pytest.raises(WrongCredentials):
        cast_comes_in(shop, "alice@example.com")
    assert letters(shop.database) == [("password_changed", ALICE)]
