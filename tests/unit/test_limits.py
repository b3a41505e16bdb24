"""Documents that ask too much are refused before any work is done for them."""

import time

import pytest
from graphql import parse

from graphql_api import limits
from utils.errors import PayloadTooLarge, QueryTooComplex


def nested(depth: int) -> str:
    return "{a" * depth + "}" * depth


def test_the_longest_document_passes_and_a_longer_one_is_refused() -> None:
    limits.check_text("#" + "a" * 99_999)
    with pytest.raises(PayloadTooLarge):
        limits.check_text("#" + "a" * 100_000)


def test_a_hundred_brackets_pass_and_one_more_is_refused() -> None:
    limits.check_text(nested(100))
    limits.check_text("{a}" * 1000)
    for opening, closing in ("{}", "[]", "()"):
        with pytest.raises(QueryTooComplex):
            limits.check_text(opening * 101 + closing * 101)


@pytest.mark.parametrize(
    "passed_over",
    [
        '"' + "{" * 200 + '"',
        '"\\"' + "{" * 200 + '"',
        '"""' + "{" * 200 + '"""',
        "#" + "{" * 200 + "\n",
        '"""\\"""' + "{" * 200 + '"""',
        '"""" "" {' + "{" * 200 + '"""',
    ],
)
def test_brackets_in_strings_and_comments_do_not_count(passed_over: str) -> None:
    limits.check_text(f"{{ a(b: {passed_over} ) }}")


@pytest.mark.parametrize("text", ['"""\n' + '\\"""\n' * 19_000, '"\\\n' * 30_000, '"""' * 33_000, '"' * 99_999])
def test_strings_without_an_end_are_read_in_linear_time(text: str) -> None:
    # given a document that a search for each string's end would read some ten thousand times (nine seconds)
    began = time.process_time()
    limits.check_text(text)
    assert round(time.process_time() - began) == 0


def test_twenty_levels_of_fields_pass_and_one_more_is_refused() -> None:
    limits.check_document(parse(nested(20)))
    with pytest.raises(QueryTooComplex, match="at most 20 deep"):
        limits.check_document(parse(nested(21)))


def test_two_thousand_fields_pass_and_one_more_is_refused() -> None:
    limits.check_document(parse("{a{" + "b " * 1999 + "}}"))
    with pytest.raises(QueryTooComplex, match="at most 2000 fields"):
        limits.check_document(parse("{a{" + "b " * 2000 + "}}"))


def test_fifty_fields_at_the_root_pass_and_one_more_is_refused() -> None:
    limits.check_document(parse("{" + "a " * 50 + "}"))
    for document in ("{" + "a " * 51 + "}", "{...{" + "a " * 51 + "}}", "{...F} fragment F on Q {" + "a " * 51 + "}"):
        with pytest.raises(QueryTooComplex, match="at most 50 fields at its root"):
            limits.check_document(parse(document))


def test_each_operation_is_measured() -> None:
    with pytest.raises(QueryTooComplex):
        limits.check_document(parse("query A {a} query B " + nested(21)))


def test_fragments_count_at_every_place_they_stand() -> None:
    # given fragments that are 30 lines and would be 2^30 fields
    bomb = " ".join(f"fragment F{n} on Q {{ a{{ ...F{n + 1} }} b{{ ...F{n + 1} }} }}" for n in range(30))
    document = parse("{ ...F18 } " + bomb + " fragment F30 on Q { c }")
    with pytest.raises(QueryTooComplex, match="at most 2000 fields"):
        limits.check_document(document)


def test_the_depth_of_fragments_counts_as_well() -> None:
    document = "{a{...F}} fragment F on Q " + nested(20)
    with pytest.raises(QueryTooComplex, match="at most 20 deep"):
        limits.check_document(parse(document))
