"""Checks what people say of themselves, and brings it into the one form it is kept in."""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from utils import text
from utils.errors import InvalidInput

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128
LONGEST_NAME = 100
_LONGEST_EMAIL = 254
_LONGEST_PHONE = 40
# What people choose most, from published leaks; those of our length count. OWASP ASVS 5.0, 6.2.4 wants 3,000.
_COMMON = frozenset(each for each in FREQUENCY_LISTS["passwords"] if len(each) >= SHORTEST_PASSWORD)


def checked_email(email: str, field: str = "email") -> str:
    """The address in the one form it is kept in: lower case, its domain in Unicode. Refuses what is no address."""
    if len(email) > _LONGEST_EMAIL:
        raise InvalidInput(f"{field} must have at most {_LONGEST_EMAIL} characters.", field=field)
    try:
        kept = validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
        # Small letters may compose where capitals did not: one mailbox has one spelling.
        return unicodedata.normalize("NFC", kept)
    except EmailNotValidError:
        raise InvalidInput(f"{field} must be an e-mail address.", field=field) from None


def find_email(email: str) -> str | None:
    """The address as it is kept, or None for what is no address: nobody has that one."""
    try:
        return checked_email(email)
    except InvalidInput:
        return None


def checked_password(password: str, *, email: str | None = None, field: str = "password") -> str:
    """The password as it came.

    Refuses one of fewer than 8 or more than 128 characters, one that everybody tries first, one of a single
    character, and one that is the person's own address (OWASP ASVS 5.0, 6.2). Which characters it has is nobody's
    business.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(f"{field} must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.", field=field)
    plain = password.lower()
    if plain in _COMMON or len(set(plain)) == 1:
        raise InvalidInput(f"{field} is one of those everybody tries first. Choose another.", field=field)
    if email is not None and plain in (email, email.partition("@")[0]):
        raise InvalidInput(f"{field} must not be the e-mail address.", field=field)
    return password


def checked_name(name: str) -> str:
    """The name without outer spaces. Refuses an empty one, one over 100 characters, and control characters."""
    return text.line(name, "name", longest=LONGEST_NAME)


def checked_phone(phone: str | None) -> str | None:
    """The number in the form E.164; None for none. Refuses what is no number with its country code."""
    if phone is None or not phone.strip():
        return None
    try:
        number = phonenumbers.parse(phone, None) if len(phone) <= _LONGEST_PHONE else None
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise InvalidInput("phone must be a number with its country code, such as +14155550123.", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
