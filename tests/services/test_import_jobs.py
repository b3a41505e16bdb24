"""Imports by the worker: wanted, carried out once, shown to whoever wanted them, given up and forgotten."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from models import ImportJob, User
from models.import_job import ImportFormat, ImportStatus
from models.user import Right, Role
from services.accounts.granting import Post, give_post
from services.catalogue.importing import jobs
from tests.services.evidence import news_of, nothing_changed
from tests.services.hiring import Hired, entries, erase, hire
from tests.services.importing import rows, take
from utils import clock
from utils.errors import Conflict, InvalidInput, PayloadTooLarge, Unavailable
from utils.ids import new_id
from wiring import Shop
from workers.forgetting import forget_outdated
from workers.imports import carry_out_import
from workers.relay import relay_all

GOOD = b"slug,category,price,stockCount\ntea,toys,2.50,5\n"


@pytest.fixture
def kim(shop: Shop) -> Hired:
    return hire(shop, "kim", Right.PRODUCTS)


def want(shop: Shop, who: Hired, source: bytes = GOOD, **how: Any) -> UUID:
    given = {"file_format": ImportFormat.CSV, "dry_run": False, "partial": False, **how}
    with shop.database.write() as session:
        return jobs.want_import(session, source, actor=who.actor, **given)


def job(shop: Shop, job_id: UUID) -> ImportJob:
    with shop.database.read() as session:
        return session.scalars(select(ImportJob).where(ImportJob.id == job_id)).one()


def carry_out(shop: Shop, job_id: UUID) -> ImportJob:
    carry_out_import(shop, new_id(), {"job": str(job_id)})
    return job(shop, job_id)


def test_the_worker_carries_it_out(shop: Shop, kim: Hired) -> None:
    job_id = want(shop, kim)
    waiting = job(shop, job_id)
    assert (waiting.status, waiting.source, waiting.actor_id) == ("waiting", GOOD, kim.id)
    assert news_of(shop.database, jobs.IMPORT_WANTED) == [{"job": str(job_id)}]
    relay_all(shop)
    done = job(shop, job_id)
    assert (done.status, done.source, done.lines, done.created, done.errors) == ("done", None, 1, 1, [])
    assert done.started_at is not None
    assert done.finished_at is not None
    assert news_of(shop.database, jobs.IMPORT_WANTED) == []
    assert [(each.action, each.subject_id, each.actor_id) for each in entries(shop.database)] == [
        ("import.wanted", job_id, kim.id),
        ("import.done", job_id, kim.id),
    ]
    assert rows(shop, "SELECT slug FROM products") == [("tea",)]


def test_it_is_carried_out_once(shop: Shop, kim: Hired) -> None:
    job_id = want(shop, kim)
    carry_out(shop, job_id)
    take(shop, "slug,price\ntea,3\n")
    with nothing_changed(shop.database):
        carry_out(shop, job_id)


def test_what_is_refused_stands_in_the_job(shop: Shop, kim: Hired) -> None:
    bad = GOOD + b"milk,fruit,1,1\nsugar,toys,-1,1\n"
    refused = carry_out(shop, want(shop, kim, bad))
    assert (refused.status, refused.created, refused.refused, refused.lines) == ("refused", 0, 2, 3)
    assert [(each["line"], each["field"], each["code"]) for each in refused.errors] == [
        (3, "category", "FORBIDDEN"),
        (4, "price", "INVALID_INPUT"),
    ]
    assert rows(shop, "SELECT * FROM products") == []
    dry = carry_out(shop, want(shop, kim, bad, partial=True, dry_run=True))
    assert (dry.status, dry.created, dry.refused, rows(shop, "SELECT * FROM products")) == ("done", 1, 2, [])
    partly = carry_out(shop, want(shop, kim, bad, partial=True))
    assert (partly.status, partly.created, partly.refused) == ("done", 1, 2)


def test_whoever_lost_the_right_imports_nothing(shop: Shop) -> None:
    def demoted(who: Hired) -> None:
        with shop.database.write() as session:
            user = session.get_one(User, who.id)
            give_post(session, user, Post(Role.STAFF, who.actor.departments, frozenset({Right.READ})), cache=shop.cache)

    for name, lose in (("ann", demoted), ("ben", lambda who: erase(shop, who.id))):
        who = hire(shop, name, Right.PRODUCTS)
        job_id = want(shop, who)
        lose(who)
        with nothing_changed(shop.database, but=["import_jobs"]):
            ended = carry_out(shop, job_id)
        assert (ended.status, ended.source) == ("refused", None)
        assert [(each["line"], each["code"]) for each in ended.errors] == [(0, "FORBIDDEN")]


def test_whoever_lost_a_department_is_refused_by_line(shop: Shop) -> None:
    who = hire(shop, "ann", Right.PRODUCTS, departments=("marketplace", "fresh-food"))
    job_id = want(shop, who, GOOD + b"apple,fruit,1,1\n")
    with shop.database.write() as session:
        user = session.get_one(User, who.id)
        kept = frozenset(each for each in who.actor.departments if each == department(shop, "fresh-food"))
        give_post(session, user, Post(Role.STAFF, kept, frozenset({Right.PRODUCTS})), cache=shop.cache)
    ended = carry_out(shop, job_id)
    assert [(each["line"], each["code"]) for each in ended.errors] == [(2, "FORBIDDEN")]


def department(shop: Shop, slug: str) -> UUID:
    [(found,)] = rows(shop, f"SELECT id FROM departments WHERE slug = '{slug}'")
    return UUID(str(found))


def test_a_fault_of_ours_fails_the_job(shop: Shop, kim: Hired, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise RuntimeError("ours")

    job_id = want(shop, kim)
    with monkeypatch.context() as patched:
        patched.setattr("services.catalogue.importing.carrying_out.judge", fault)
        failed = carry_out(shop, job_id)
    assert (failed.status, failed.source, failed.errors) == ("failed", None, [])
    with nothing_changed(shop.database):
        carry_out(shop, job_id)


def test_a_server_that_is_away_puts_it_off(shop: Shop, kim: Hired, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    job_id = want(shop, kim)
    with monkeypatch.context() as patched:
        patched.setattr("services.catalogue.importing.carrying_out.judge", away)
        with pytest.raises(Unavailable):
            carry_out(shop, job_id)
    assert job(shop, job_id).status == "running"
    assert carry_out(shop, job_id).status == "done"


def test_what_is_not_taken(shop: Shop, kim: Hired) -> None:
    with nothing_changed(shop.database):
        with pytest.raises(InvalidInput):
            want(shop, kim, b"")
        with pytest.raises(PayloadTooLarge):
            want(shop, kim, bytes(jobs.LARGEST_FILE + 1))
    for _ in range(jobs.MOST_WAITING):
        want(shop, kim)
    with nothing_changed(shop.database), pytest.raises(Conflict):
        want(shop, kim)
    want(shop, hire(shop, "lee", Right.PRODUCTS))


def test_old_jobs_are_given_up_and_forgotten(shop: Shop, kim: Hired) -> None:
    ages = {
        "young": timedelta(hours=23),
        "stuck": timedelta(hours=25),
        "written": timedelta(hours=25),
        "old": timedelta(days=31),
    }
    made = {name: want(shop, kim) for name in ages}
    for name, age in ages.items():
        with shop.database.write() as session:
            moment = clock.now() - age
            session.execute(update(ImportJob).where(ImportJob.id == made[name]).values(created_at=moment))
    # Its products are written, and its worker never came back.
    with shop.database.write() as session:
        written = {"status": ImportStatus.RUNNING, "source": None}
        session.execute(update(ImportJob).where(ImportJob.id == made["written"]).values(**written))
    assert forget_outdated(shop.database)["imports"] == 1
    assert [(job(shop, made[name]).status, job(shop, made[name]).source) for name in ("young", "stuck", "written")] == [
        (ImportStatus.WAITING, GOOD),
        (ImportStatus.FAILED, None),
        (ImportStatus.DONE, None),
    ]
    with nothing_changed(shop.database):
        carry_out_import(shop, new_id(), {"job": str(made["old"])})


def test_everybody_sees_their_own_and_admins_all(shop: Shop, kim: Hired) -> None:
    lee, dana = hire(shop, "lee", Right.PRODUCTS), hire(shop, "root", role=Role.ADMIN)
    ours, theirs = want(shop, kim), want(shop, lee)
    with shop.database.read() as session:
        assert [each.id for each in jobs.list_jobs(session, first=20, actor=kim.actor)] == [ours]
        assert [each.id for each in jobs.list_jobs(session, first=20, actor=dana.actor)] == [theirs, ours]
        assert [each.id for each in jobs.list_jobs(session, first=1, actor=dana.actor)] == [theirs]
        assert jobs.find_job(session, theirs, actor=kim.actor) is None
        assert jobs.find_job(session, theirs, actor=dana.actor) is not None
        with pytest.raises(InvalidInput):
            jobs.list_jobs(session, first=0, actor=kim.actor)
