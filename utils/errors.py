"""Refusals: each is a fact with a stable code that clients may rely on."""

from enum import Enum
from typing import Any, ClassVar


class ErrorCode(Enum):
    """Every code that an answer of this program can carry; docs/errors.md says what to do about each."""

    BAD_REQUEST = "BAD_REQUEST"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    INVALID_INPUT = "INVALID_INPUT"
    INVALID_IMAGE = "INVALID_IMAGE"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    WRONG_CREDENTIALS = "WRONG_CREDENTIALS"
    EMAIL_NOT_VERIFIED = "EMAIL_NOT_VERIFIED"
    LINK_INVALID = "LINK_INVALID"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    NOT_FOR_SALE = "NOT_FOR_SALE"
    DISCOUNT_UNKNOWN = "DISCOUNT_UNKNOWN"
    DISCOUNT_NOT_STARTED = "DISCOUNT_NOT_STARTED"
    DISCOUNT_EXPIRED = "DISCOUNT_EXPIRED"
    DISCOUNT_EXHAUSTED = "DISCOUNT_EXHAUSTED"
    DISCOUNT_NOT_APPLICABLE = "DISCOUNT_NOT_APPLICABLE"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class DomainError(Exception):
    """A refusal that the caller may read: a code, one sentence, and details for a program."""

    code: ClassVar[ErrorCode]
    http_status: ClassVar[int] = 400

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class BadRequest(DomainError):
    """Returned when the HTTP request is not one that GraphQL over HTTP allows."""

    code = ErrorCode.BAD_REQUEST


class RequestTimeout(DomainError):
    """Returned when the request has not arrived whole within ten seconds."""

    code = ErrorCode.REQUEST_TIMEOUT
    http_status = 408


class PayloadTooLarge(DomainError):
    """Returned when the request is larger than the server reads."""

    code = ErrorCode.PAYLOAD_TOO_LARGE
    http_status = 413


class UnsupportedMediaType(DomainError):
    """Returned when the body is sent as something other than JSON in UTF-8."""

    code = ErrorCode.UNSUPPORTED_MEDIA_TYPE
    http_status = 415


class NotAcceptable(DomainError):
    """Returned when the Accept header allows no type that the server speaks."""

    code = ErrorCode.NOT_ACCEPTABLE
    http_status = 406


class MethodNotAllowed(DomainError):
    """Returned when a mutation is sent by GET, or a door is called with the wrong method."""

    code = ErrorCode.METHOD_NOT_ALLOWED
    http_status = 405


class GraphQLParseFailed(DomainError):
    """Returned when the document is not GraphQL."""

    code = ErrorCode.GRAPHQL_PARSE_FAILED


class GraphQLValidationFailed(DomainError):
    """Returned when the document does not fit the schema."""

    code = ErrorCode.GRAPHQL_VALIDATION_FAILED


class PersistedQueryNotFound(DomainError):
    """Returned when a request names its document by a hash that nobody has sent lately: send both."""

    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND
    # As Apollo's clients expect it.
    http_status = 200


class QueryTooComplex(DomainError):
    """Returned when a document is deeper, longer or wider than the server works out."""

    code = ErrorCode.QUERY_TOO_COMPLEX


class InvalidInput(DomainError):
    """Returned when an argument is well-formed GraphQL but not a value the shop takes; `field` names it."""

    code = ErrorCode.INVALID_INPUT


class InvalidImage(DomainError):
    """Returned when an uploaded file is no picture that the shop takes; `reason` says why in one word."""

    code = ErrorCode.INVALID_IMAGE


class Unauthenticated(DomainError):
    """Returned when a field needs a caller and no valid access token came with the request."""

    code = ErrorCode.UNAUTHENTICATED
    http_status = 401


class WrongCredentials(DomainError):
    """Returned when no account has this e-mail address with this password."""

    code = ErrorCode.WRONG_CREDENTIALS
    http_status = 401


class EmailNotVerified(DomainError):
    """Returned when an account must prove its e-mail address before it may do this."""

    code = ErrorCode.EMAIL_NOT_VERIFIED
    http_status = 403


class LinkInvalid(DomainError):
    """Returned when a link from a mail is not ours, was used, is too old, or was for another address."""

    code = ErrorCode.LINK_INVALID
    http_status = 410


class Forbidden(DomainError):
    """Returned when the caller is known but has not the right."""

    code = ErrorCode.FORBIDDEN
    http_status = 403


class NotFound(DomainError):
    """Returned when a thing does not exist, or the caller may not know that it does."""

    code = ErrorCode.NOT_FOUND
    http_status = 404


class Conflict(DomainError):
    """Returned when the request collides with what is already there, such as a re-used idempotency key."""

    code = ErrorCode.CONFLICT
    http_status = 409


class EmailTaken(DomainError):
    """Returned when an account with this e-mail address exists."""

    code = ErrorCode.EMAIL_TAKEN
    http_status = 409


class OutOfStock(DomainError):
    """Returned when a product has less stock than was asked for; `lines` names every short line."""

    code = ErrorCode.OUT_OF_STOCK
    http_status = 409


class NotForSale(DomainError):
    """Returned when a product is not on sale at present, or never existed; `productIds` names all of them."""

    code = ErrorCode.NOT_FOR_SALE
    http_status = 409


class DiscountUnknown(DomainError):
    """Returned when no discount that this customer may know of has this code; `discountCode` is the code."""

    code = ErrorCode.DISCOUNT_UNKNOWN
    http_status = 404


class DiscountNotStarted(DomainError):
    """Returned when a code's discount has not begun yet; `condition` is NOT_STARTED."""

    code = ErrorCode.DISCOUNT_NOT_STARTED
    http_status = 409


class DiscountExpired(DomainError):
    """Returned when a code's discount has ended; `condition` is EXPIRED."""

    code = ErrorCode.DISCOUNT_EXPIRED
    http_status = 409


class DiscountExhausted(DomainError):
    """Returned when a code's discount was used as often as it may be; `condition` says whether by this customer."""

    code = ErrorCode.DISCOUNT_EXHAUSTED
    http_status = 409


class DiscountNotApplicable(DomainError):
    """Returned when a code's discount does not count for this purchase; `condition` says which condition failed."""

    code = ErrorCode.DISCOUNT_NOT_APPLICABLE
    http_status = 409


class RateLimited(DomainError):
    """Returned when a caller asks too often; `retryAfter` says in how many seconds to come again."""

    code = ErrorCode.RATE_LIMITED
    http_status = 429


class Unavailable(DomainError):
    """Returned when a server this program needs is away or too busy; the same request may succeed later."""

    code = ErrorCode.UNAVAILABLE
    http_status = 503


class Internal(DomainError):
    """Returned for our own faults; the log holds the cause under the request id."""

    code = ErrorCode.INTERNAL
    http_status = 500
