"""Statements planned once for a connection: the same answers, and as many plans as are worth keeping."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from utils import prepared
from utils.prepared import run_prepared
from wiring import Shop

ID = UUID("0192f0c1-2345-7000-8000-000000000001")


@pytest.fixture
def session(shop: Shop) -> Session:
    """A session over a connection that has prepared nothing yet."""
    with shop.database.write() as session:
        session.connection().info.pop("prepared statements", None)
        session.execute(text("DEALLOCATE ALL"))
        return session


def plans(session: Session) -> int:
    """How many plans the connection keeps."""
    count: int = session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
    return count


def test_it_is_planned_once_and_executed_with_each_values(session: Session) -> None:
    add = "SELECT CAST(%(a)s AS integer) + %(b)s + %(a)s"
    assert [run_prepared(session, add, {"a": a, "b": 10}).scalar_one() for a in (1, 2, 3)] == [12, 14, 16]
    assert plans(session) == 1


def test_values_of_every_kind_arrive_as_they_are(session: Session) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
    statement = (
        "SELECT CAST(%(id)s AS uuid), CAST(%(moment)s AS timestamptz), CAST(%(amount)s AS numeric),"
        " CAST(%(name)s AS text), CAST(%(none)s AS text), CAST(%(ids)s AS uuid[]), '100 %%', CAST(%(names)s AS text[])"
    )
    values = {
        "id": ID,
        "moment": moment,
        "amount": Decimal("1.250"),
        "name": "it's %(id)s and %s; $1",
        "none": None,
        "ids": [str(ID)],
        "names": ["a,b", '"', "{}", "\\"],
    }
    for _ in range(2):
        row: Any = run_prepared(session, statement, values).one()
        assert [str(row[0]), *row[1:5]] == [str(ID), moment, Decimal("1.250"), values["name"], None]
        assert [[str(each) for each in row[5]], *row[6:]] == [[str(ID)], "100 %", values["names"]]
    assert plans(session) == 1


def test_an_empty_list_and_no_values_at_all_are_values_too(session: Session) -> None:
    assert run_prepared(session, "SELECT CAST(%(ids)s AS uuid[])", {"ids": []}).scalar_one() == []
    assert run_prepared(session, "SELECT 7", {"unused": 1}).scalar_one() == 7


def test_a_connection_keeps_so_many_and_plans_the_rest_each_time(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "MOST_KEPT", 2)
    found = [run_prepared(session, f"SELECT {number} + %(one)s", {"one": 1}).scalar_one() for number in (1, 2, 3, 1, 3)]
    assert found == [2, 3, 4, 2, 4]
    assert plans(session) == 2


def test_what_cannot_be_planned_is_not_remembered(session: Session) -> None:
    for _ in range(2):
        with pytest.raises(ProgrammingError), session.begin_nested():
            run_prepared(session, "SELECT nothing_of_this_name", {})
    assert plans(session) == 0
