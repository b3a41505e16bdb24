"""Passwords: Argon2id at the strength OWASP names, a bounded number at once."""

import os
import sys
import time
from threading import Event, Lock, Thread, get_native_id

import pytest

from utils.errors import Unavailable
from utils.passwords import Passwords


def test_a_password_matches_its_hash_and_no_other() -> None:
    passwords = Passwords()
    encoded = passwords.hash("correct horse")
    assert passwords.matches(encoded, "correct horse") is True
    assert passwords.matches(encoded, "Correct horse") is False


def test_hashes_are_argon2id_with_nineteen_mebibytes_and_salted() -> None:
    passwords = Passwords()
    first, second = passwords.hash("same"), passwords.hash("same")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


@pytest.mark.parametrize("encoded", [None, "", "not a hash", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$BBBB"])
def test_no_account_and_a_broken_hash_match_nothing(encoded: str | None) -> None:
    assert Passwords().matches(encoded, "nobody has this password") is False


def test_more_than_may_wait_are_refused_at_once_and_the_others_have_their_turn() -> None:
    # given one that hashes, without an end, and one that waits for its turn
    passwords = Passwords(at_once=1, waiting=1)
    entered, leave, done = Event(), Event(), list[str]()

    def endless() -> str:
        entered.set()
        leave.wait()
        return "the first"

    first = Thread(target=lambda: done.append(passwords._in_turn(endless)))
    first.start()
    entered.wait()
    second = Thread(target=lambda: done.append(passwords.hash("waits")))
    second.start()
    while passwords._places._value:
        pass
    # when, then
    with pytest.raises(Unavailable):
        passwords.hash("one too many")
    with pytest.raises(Unavailable):
        passwords.matches(None, "one too many")
    # and the places are free again afterwards
    leave.set()
    first.join()
    second.join()
    assert (done[0], passwords.matches(done[1], "waits")) == ("the first", True)


def test_a_refusal_of_argon2_gives_the_place_back() -> None:
    passwords = Passwords(at_once=1, waiting=0)
    for _ in range(3):
        assert passwords.matches("broken", "word") is False


def test_never_more_than_allowed_run_at_once() -> None:
    passwords, running, most, guard = Passwords(at_once=2, waiting=30), 0, 0, Lock()

    def work() -> None:
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with guard:
            running -= 1

    threads = [Thread(target=passwords._in_turn, args=(work,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_hashing_gives_way_to_answering() -> None:
    before = os.getpriority(os.PRIO_PROCESS, get_native_id())
    expected = 15 if sys.platform == "linux" else before  # elsewhere it would slow the whole process
    inside = Passwords()._in_turn(lambda: os.getpriority(os.PRIO_PROCESS, get_native_id()))
    assert (inside, os.getpriority(os.PRIO_PROCESS, get_native_id())) == (expected, before)
