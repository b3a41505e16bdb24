"""The codes of refusals as the schema shows them."""

from inspect import cleandoc

from graphql_api.fields import describe_enum
from utils.errors import DomainError, ErrorCode

describe_enum(
    ErrorCode,
    description="What `errors[].extensions.code` can be; docs/errors.md says what to do about each.",
    each={refusal.code: cleandoc(refusal.__doc__ or "") for refusal in DomainError.__subclasses__()},
)

__all__ = ["ErrorCode"]
