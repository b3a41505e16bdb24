"""Logs: one JSON object per line in production, readable lines in development, for our loggers and the libraries'."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from utils import log


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root, config = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    structlog.contextvars.clear_contextvars()  # another test may have been in the middle of a request
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)


def test_production_writes_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    # given
    log.configure(level="INFO", as_json=True)
    # when
    structlog.get_logger("shop.orders").info("order placed", order_id="17", lines=2)
    logging.getLogger("a.library").warning("low on %s", "memory")
    # then
    ours, theirs = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (ours.pop("timestamp")[-1], theirs.pop("timestamp")[-1]) == ("Z", "Z")
    assert ours == {"event": "order placed", "order_id": "17", "lines": 2, "level": "info"}
    assert theirs == {"event": "low on memory", "level": "warning", "logger": "a.library"}


def test_a_trace_is_part_of_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="INFO", as_json=True)
    try:
        raise RuntimeError("the cause")
    except RuntimeError:
        structlog.get_logger("shop").exception("it failed", request_id="r1")
    (line,) = capsys.readouterr().out.splitlines()
    written = json.loads(line)
    assert written["exception"].splitlines()[-1] == "RuntimeError: the cause"
    assert (written["event"], written["request_id"], written["level"]) == ("it failed", "r1", "error")


def test_line_breaks_in_a_value_do_not_make_a_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="INFO", as_json=True)
    structlog.get_logger("shop").info("said", word='a\n{"level": "forged"}')
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["word"] == 'a\n{"level": "forged"}'


@pytest.mark.parametrize("as_json", [True, False])
def test_what_is_below_the_level_is_not_written(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="WARNING", as_json=as_json)
    structlog.get_logger("shop").info("quiet")
    logging.getLogger("a.library").info("quiet")
    assert capsys.readouterr().out == ""


def test_development_writes_a_readable_line_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="INFO", as_json=False)
    try:
        raise RuntimeError("the cause")
    except RuntimeError:
        structlog.get_logger("shop").exception("it failed", order="17")
    written = capsys.readouterr().out
    assert "it failed" in written
    assert "order=17" in written
    assert "RuntimeError: the cause" in written


@pytest.mark.parametrize("as_json", [True, False])
def test_what_postgresql_quotes_of_a_row_is_not_written(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="INFO", as_json=as_json)
    said = "duplicate key", "DETAIL:  Key (email)=(erin@example.com) already exists.", "HINT: none"
    try:
        raise RuntimeError("\n".join(said))
    except RuntimeError:
        structlog.get_logger("shop").exception("it failed")
        logging.getLogger("a.library").exception("it failed there too")
    written = capsys.readouterr().out
    assert (written.count("erin@"), written.count("DETAIL: (not logged)"), written.count("HINT: none")) == (0, 2, 2)
