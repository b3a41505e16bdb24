"""The comparison of answers notices what differs, and only that."""

import pytest

from tests.docs.answers import differences


@pytest.mark.parametrize(
    ("shown", "actual"),
    [
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "x"}]}),
        ({"id": "..."}, {"id": "01a1fec7"}),
        ({"token": "ey..."}, {"token": "eyJhbGciOi"}),
        (189.0, 189),
    ],
)
def test_what_a_page_may_show(shown: object, actual: object) -> None:
    assert differences(shown, actual) == []


@pytest.mark.parametrize(
    ("shown", "actual"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1], [1, 2]),
        ({"id": "..."}, {"id": None}),
        ({"token": "ey..."}, {"token": "xyz"}),
        ({"errors": []}, None),
    ],
)
def test_what_is_not_the_answer(shown: object, actual: object) -> None:
    assert len(differences(shown, actual)) == 1
