"""What is remembered stays within its weight, and is the same object while it does."""

from utils.remembered import Remembered


def test_the_oldest_is_forgotten_first_and_one_too_heavy_stands_alone() -> None:
    made: list[str] = []

    def make(key: str) -> list[str]:
        made.append(key)
        return [key]

    remembered = Remembered(make, weigh=len, most=5)
    first = remembered("aa")
    assert remembered("a" + "a") is first
    remembered("bb")
    remembered("c")
    assert made == ["aa", "bb", "c"]
    # when there is one sign too many
    remembered("d")
    assert [remembered(each) for each in ("d", "c", "bb")] == [["d"], ["c"], ["bb"]]
    assert made == ["aa", "bb", "c", "d"]
    assert remembered("aa") is not first
    # when one weighs more than all may
    heavy = remembered("eeeeee")
    assert remembered("eeeeee") is heavy
    remembered("aa")
    assert made == ["aa", "bb", "c", "d", "aa", "eeeeee", "aa"]
