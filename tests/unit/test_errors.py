"""Refusals: every code has one class, one status and one sentence."""

from collections import Counter

from utils.errors import DomainError, ErrorCode

STATUS = {
    "BAD_REQUEST": 400,
    "REQUEST_TIMEOUT": 408,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "NOT_ACCEPTABLE": 406,
    "METHOD_NOT_ALLOWED": 405,
    "GRAPHQL_PARSE_FAILED": 400,
    "GRAPHQL_VALIDATION_FAILED": 400,
    "PERSISTED_QUERY_NOT_FOUND": 200,
    "QUERY_TOO_COMPLEX": 400,
    "INVALID_IMAGE": 400,
    "INVALID_INPUT": 400,
    "UNAUTHENTICATED": 401,
    "WRONG_CREDENTIALS": 401,
    "EMAIL_NOT_VERIFIED": 403,
    "LINK_INVALID": 410,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "EMAIL_TAKEN": 409,
    "OUT_OF_STOCK": 409,
    "NOT_FOR_SALE": 409,
    "DISCOUNT_UNKNOWN": 404,
    "DISCOUNT_NOT_STARTED": 409,
    "DISCOUNT_EXPIRED": 409,
    "DISCOUNT_EXHAUSTED": 409,
    "DISCOUNT_NOT_APPLICABLE": 409,
    "RATE_LIMITED": 429,
    "UNAVAILABLE": 503,
    "INTERNAL": 500,
}


def test_every_code_has_exactly_one_class() -> None:
    assert Counter(each.code for each in DomainError.__subclasses__()) == Counter(ErrorCode)


def test_codes_and_statuses_are_what_clients_rely_on() -> None:
    assert {each.code.value: each.http_status for each in DomainError.__subclasses__()} == STATUS


def test_every_class_says_when_it_is_returned() -> None:
    assert [each for each in DomainError.__subclasses__() if not (each.__doc__ or "").startswith("Returned ")] == []
