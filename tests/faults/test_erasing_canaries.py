"""A person who did everything one can do here, and then goes: no word of theirs is left anywhere.

The real programs at LOG_LEVEL=DEBUG: gunicorn, the worker with its clock, and a mail server that takes their letters.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import redis
from aiosmtpd.controller import Controller
from sqlalchemy import func, select

from launch.processes import free_port
from launch.programs import worker_command
from models import OutboxEvent, User
from tests.faults.own import running, variables_of, web_server
from tests.faults.rivals import eventually
from tests.services.belongings import Canaries, personal_columns, plant
from tests.services.searching import all_of_redis, all_tables, found_in
from tests.support import make_products
from utils.config import load_settings
from wiring import Shop

TOKEN = re.compile(r"\?token=([\w.-]+)")
# What a loaded machine may take to start the worker and to send a letter.
PATIENCE = 40.0
REGISTER = (
    "mutation($name: String!, $email: String!, $password: String!, $phone: String) "
    "{ register(name: $name, email: $email, password: $password, phone: $phone) { message } }"
)
LOGIN = (
    "mutation($email: String!, $password: String!) { login(email: $email, password: $password) "
    "{ accessToken refreshToken } }"
)
ADD = "mutation($input: AddressInput!) { addAddress(input: $input) { id } }"
PROFILE = "mutation($input: ProfileInput!) { updateProfile(input: $input) { id } }"
ORDER = "mutation($id: String!) { createOrder(input: {items: [{productId: $id, quantity: 1}]}) { id } }"
CHANGE_EMAIL = (
    "mutation($new: String!, $password: String!) "
    "{ requestEmailChange(newEmail: $new, password: $password) { message } }"
)


@dataclass
class Post:
    """A mail server: what it took, and for whom."""

    mails: list[tuple[str, str]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Takes every mail."""
        body = message_from_bytes(envelope.content, policy=default).get_body(("plain",))
        assert body is not None
        self.mails += [(to, body.get_content()) for to in envelope.rcpt_tos]
        return "250 taken"

    def token_for(self, address: str) -> str:
        """The token in the newest letter to this address, which is waited for."""
        eventually(lambda: self._tokens(address) != [], f"a letter to {address}", PATIENCE)
        return self._tokens(address)[-1]

    def _tokens(self, address: str) -> list[str]:
        return [found for to, words in list(self.mails) if to == address for found in TOKEN.findall(words)]


@dataclass
class Person:
    """Somebody at a browser: what is said to the program, and what it answers."""

    http: httpx.Client
    canaries: Canaries
    headers: dict[str, str] = field(default_factory=dict)

    def say(self, document: str, *refusals: str, key: str | None = None, **variables: Any) -> Any:
        """The value of the answer's first field; the codes must be these."""
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        body = self.http.post("/graphql", json={"query": document, "variables": variables}, headers=headers).json()
        assert [each["extensions"]["code"] for each in body.get("errors", [])] == list(refusals), body
        return next(iter((body.get("data") or {"": None}).values()))

    def log_in(self, email: str, password: str) -> str:
        """Goes on as who is logged in; the refresh token."""
        tokens = self.say(LOGIN, email=email, password=password)
        self.headers["Authorization"] = f"Bearer {tokens['accessToken']}"
        return str(tokens["refreshToken"])


@dataclass
class Stage:
    """The programs, and what they write into their logs."""

    person: Person
    post: Post
    logs: Mapping[str, Path]

    def written(self) -> dict[str, bytes]:
        """All that was logged."""
        return {name: path.read_bytes() for name, path in self.logs.items()}


@pytest.fixture
def stage(committing_shop: Shop, tmp_path: Path) -> Iterator[Stage]:
    """The whole program, with mail that really goes."""
    post, port = Post(), free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    given = {
        **variables_of(committing_shop),
        "LOG_LEVEL": "DEBUG",
        "MAIL_PROVIDER": "smtp",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
    }
    logs = {name: tmp_path / f"{name}.log" for name in ("web", "worker")}
    canaries = Canaries()
    controller.start()
    try:
        with _programs(given, logs, tmp_path) as address, httpx.Client(base_url=address, timeout=30) as http:
            http.headers["User-Agent"] = canaries.text("the browser")
            yield Stage(Person(http, canaries), post, logs)
    finally:
        controller.stop()


@contextmanager
def _programs(given: Mapping[str, str], logs: Mapping[str, Path], folder: Path) -> Iterator[str]:
    worker = worker_command(load_settings(given), folder / "beat-schedule")
    with web_server(given, logs["web"], workers=1) as web, running(worker, given, logs["worker"]):
        yield f"http://127.0.0.1:{web.port}"


def test_nothing_of_a_person_is_left_anywhere(committing_shop: Shop, stage: Stage, redis_client: redis.Redis) -> None:
    # given
    shop, person, said = committing_shop, stage.person, stage.person.canaries
    password = said.text("registered password")
    user_id = _come_in(shop, stage, password)
    _use(shop, person)
    _say_it_wrong(person)
    _change_address(stage, password)
    planted = _plant(shop, user_id)
    email = str(planted.values["users.email"])
    person.say("mutation($email: String!) { requestPasswordReset(email: $email) { message } }", email=email)
    stage.post.token_for(email)
    person.log_in(email, password)
    _leave_open_ends(person, email, password)
    seen = found_in(all_tables(shop.database), planted.needles())
    assert set(seen) == set(planted.values) == personal_columns()
    # when
    assert person.say("mutation($password: String!) { deleteMyAccount(password: $password) }", password=password)
    # then
    person.say("{ me { id } }", "UNAUTHENTICATED")
    eventually(lambda: _events(shop) == 0, "the worker is done", PATIENCE)
    everywhere = all_tables(shop.database) | all_of_redis(redis_client) | stage.written()
    assert found_in(everywhere, said.needles() | planted.needles()) == {}
    # It was all looked at: the programs told much, and the letters went.
    assert b"[debug " in stage.written()["web"]
    assert b"a letter was sent" in stage.written()["worker"]
    readers = {str(said.values["registered e-mail"]), str(said.values["changed e-mail"]), email}
    assert readers <= {to for to, _ in stage.post.mails}


def _come_in(shop: Shop, stage: Stage, password: str) -> UUID:
    """Registers, twice, proves the address, and logs in."""
    person, said = stage.person, stage.person.canaries
    email, name, phone = said.email("registered e-mail"), said.text("registered name"), said.phone("registered phone")
    person.say(REGISTER, name=name, email=email, password=password, phone=phone)
    person.say(
        "mutation($token: String!) { verifyEmail(token: $token) { message } }", token=stage.post.token_for(email)
    )
    # A second registration only leads to a mail.
    person.say(REGISTER, name=said.text("other name"), email=email, password=said.text("other password"))
    person.log_in(email, password)
    with shop.database.read() as session:
        return session.scalars(select(User.id).where(User.email == email)).one()


def _use(shop: Shop, person: Person) -> None:
    """An address, an order, a profile, an export: what one comes for."""
    said = person.canaries
    parts = ("recipient", "company", "line1", "line2", "city", "state")
    address = {each: said.text(f"address {each}") for each in parts}
    address |= {"country": "GB", "phone": said.phone("address phone")}
    person.say(ADD, key=said.text("address key"), input=address)
    [tea] = make_products(shop, 1)
    person.say(ORDER, key=said.text("order key"), id=str(tea))
    person.say(PROFILE, input={"name": said.text("profile name"), "phone": said.phone("profile phone")})
    person.say("{ myAddresses { recipient } mySessions { userAgent } me { email } getOrders { id } }")
    person.say("mutation { exportMyData }")


def _say_it_wrong(person: Person) -> None:
    """Every kind of refusal, with words of the person in what is refused."""
    said = person.canaries
    home = {"recipient": "E", "line1": "1", "city": "L", "country": "GB"}
    person.say(ADD, "INVALID_INPUT", input={**home, "country": said.text("bad country")})
    person.say(ADD, "INVALID_INPUT", input={**home, "phone": said.text("bad phone")})
    person.say(ADD, "INVALID_INPUT", input={**home, said.text("bad field"): said.text("bad value")})
    person.say(PROFILE, "INVALID_INPUT", input={"name": said.text("long name") * 20})
    person.say(f"{{ {said.text('no field')} }}", "GRAPHQL_VALIDATION_FAILED")
    person.say(f'{{ me(email: "{said.email("no document")}"', "GRAPHQL_PARSE_FAILED")
    person.say(REGISTER, "INVALID_INPUT", name="E", email=said.text("bad e-mail"), password=said.text("bad password"))
    person.say(LOGIN, "WRONG_CREDENTIALS", email=said.email("unknown e-mail"), password=said.text("wrong password"))
    person.say("mutation($id: String!) { removeAddress(addressId: $id) }", "INVALID_INPUT", id=said.text("bad id"))
    person.say(
        "mutation($token: String!) { verifyEmail(token: $token) { message } }",
        "LINK_INVALID",
        token=said.text("bad link"),
    )
    for door in ("/auth/login", "/auth/register"):
        person.http.post(door, json={"email": said.email(door), "password": said.text(f"{door} password"), "name": 1})
        person.http.post(
            door, content=f'{{"email": "{said.email(f"{door} broken")}"', headers={"Content-Type": "application/json"}
        )


def _change_address(stage: Stage, password: str) -> None:
    """Moves to another address, and logs in again."""
    person = stage.person
    new = person.canaries.email("changed e-mail")
    person.say(CHANGE_EMAIL, new=new, password=password)
    token = stage.post.token_for(new)
    person.say("mutation($token: String!) { confirmEmailChange(token: $token) { message } }", token=token)
    former = str(person.canaries.values["registered e-mail"])
    person.say(LOGIN, "WRONG_CREDENTIALS", email=former, password=password)
    person.log_in(new, password)


def _leave_open_ends(person: Person, email: str, password: str) -> None:
    """What waits for an answer when the account goes, and a stolen refresh token."""
    stolen = person.log_in(email, password)
    refresh = "mutation($token: String!) { refreshSession(refreshToken: $token) { accessToken } }"
    person.say(refresh, token=stolen)
    person.say(refresh, "UNAUTHENTICATED", token=stolen)
    person.log_in(email, password)
    person.say(CHANGE_EMAIL, new=person.canaries.email("wanted e-mail"), password=password)


def _plant(shop: Shop, user_id: UUID) -> Canaries:
    """Fills what nobody can fill through the API, such as the notes of a letter that failed."""
    with shop.database.write() as session:
        user = session.get_one(User, user_id)
        return plant(session, user_id, password_hash=user.password_hash, first=500)


def _events(shop: Shop) -> int:
    with shop.database.read() as session:
        return session.scalars(select(func.count()).select_from(OutboxEvent)).one()


def test_the_search_sees_every_kind_of_value_in_redis(shop: Shop, redis_client: redis.Redis) -> None:
    said = Canaries()
    redis_client.set(said.text("a key"), "x")
    redis_client.set("string", said.text("a string"))
    redis_client.rpush("list", said.text("a list"))
    redis_client.sadd("set", said.text("a set"))
    redis_client.zadd("sorted", {said.text("a sorted set"): 1})
    redis_client.hset("hash", said.text("a field"), said.text("a value"))
    redis_client.xadd("stream", {"told": said.text("a stream")})

    assert set(found_in(all_of_redis(redis_client), said.needles())) == set(said.values)
