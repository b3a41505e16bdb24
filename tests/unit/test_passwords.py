"""Passwords: Argon2id at the strength OWASP names, a bounded number at once."""

from threading import Event, Thread

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


def test_more_than_allowed_at_once_wait_and_are_then_refused() -> None:
    # given one place, taken by a hash that does not end
    passwords = Passwords(at_once=1, wait_seconds=0.01)
    entered, leave = Event(), Event()

    def occupy() -> None:
        with passwords._slots:
            entered.set()
            leave.wait()

    rival = Thread(target=occupy)
    rival.start()
    entered.wait()
    # when, then
    with pytest.raises(Unavailable):
        passwords.hash("waits")
    with pytest.raises(Unavailable):
        passwords.matches(None, "waits")
    # and the place is free again afterwards
    leave.set()
    rival.join()
    assert passwords.matches(passwords.hash("word"), "word") is True


def test_a_refusal_of_argon2_gives_the_place_back() -> None:
    passwords = Passwords(at_once=1, wait_seconds=0.01)
    for _ in range(3):
        assert passwords.matches("broken", "word") is False


def test_a_long_queue_is_refused_at_once() -> None:
    # given one that hashes and one that waits for its turn
    passwords = Passwords(at_once=1, waiting=1, wait_seconds=30)
    with passwords._slots, passwords._places, passwords._places, pytest.raises(Unavailable):
        # when a third comes
        passwords.hash("a password")
    # then the two that went left their places
    assert passwords.matches(passwords.hash("a password"), "a password") is True
