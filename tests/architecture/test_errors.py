"""Refusals: one class for each code, one code for each class, and a sentence that says when."""

import re
from inspect import cleandoc

from graphql_api.schema import core_schema
from utils.errors import DomainError, ErrorCode, PersistedQueryNotFound


def test_each_code_has_one_class() -> None:
    codes = [refusal.code for refusal in DomainError.__subclasses__()]

    assert sorted(code.value for code in codes) == sorted(code.value for code in ErrorCode)
    assert len(codes) == len(set(codes))


def test_each_code_is_spelled_like_its_class() -> None:
    for refusal in DomainError.__subclasses__():
        words = re.findall(r"GraphQL|[A-Z][a-z]+", refusal.__name__)
        assert refusal.code.value == refusal.code.name == "_".join(words).upper()


def test_each_class_says_when_it_is_returned() -> None:
    for refusal in DomainError.__subclasses__():
        sentence = cleandoc(refusal.__doc__ or "")
        assert re.fullmatch(r"Returned (when|for) .*\.", sentence, re.DOTALL), refusal


def test_each_status_is_that_of_a_refusal() -> None:
    # Apollo's clients take what says that a hash is unknown for an answer, and send the document.
    others = {each for each in DomainError.__subclasses__() if each is not PersistedQueryNotFound}
    assert all(400 <= refusal.http_status <= 599 for refusal in others)
    assert PersistedQueryNotFound.http_status == 200


def test_the_schema_knows_every_code() -> None:
    enum = core_schema().type_map["ErrorCode"]

    assert set(enum.values) == {code.value for code in ErrorCode}  # type: ignore[attr-defined]
