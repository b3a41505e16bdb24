"""How fields are declared: described, with the permission they need, and read in the cheapest way that is right."""

from collections.abc import Callable, Mapping
from enum import Enum
from operator import attrgetter
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension

from graphql_api.context import Info
from graphql_api.permissions import Permission

# Under this key a field's metadata names the attribute it reads from its source; one that lacks it is left to the
# resolver.
READS = "reads"
# Under this one a root field's says whether everybody gets the same answer.
SHARED = "shared"


class _Guard(FieldExtension):
    """Checks a field's permission before its resolver runs."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        self.permission.check(info.context)
        return next_(source, info, **kwargs)


def root_field(permission: Permission, description: str, *, shared: bool = False, **options: Any) -> Any:
    """A field of Query or Mutation. Its description ends with the permission it needs.

    `shared`: everybody gets the same answer, and all it is made of is read by, or noted with, `context.catalogue`.
    Only then may a whole answer be kept and given to the next who asks.
    """
    assert not shared or permission is Permission.ANYONE
    return strawberry.field(
        description=f"{description} Permission: {permission.value}.",
        extensions=[_Guard(permission)],
        metadata={SHARED: shared},
        **options,
    )


def guarded_field(permission: Permission, description: str) -> Any:
    """A nullable field below the root that needs more than the root fields that lead to it."""
    return strawberry.field(
        description=f"{description} Permission: {permission.value}.", extensions=[_Guard(permission)]
    )


def describe_enum(values: type[Enum], *, description: str, each: Mapping[Any, str], name: str | None = None) -> None:
    """Makes an enum of the house one of the schema, with a sentence for each value; `name` is that in the schema."""
    made: Any = strawberry.enum(values, name=name, description=description)
    for value in made.__strawberry_definition__.values:
        value.description = each[values[value.name]]


def described(description: str, **options: Any) -> Any:
    """A field that reads the attribute of its own name."""
    return strawberry.field(description=description, **options)


def reading(attribute: str, graphql_type: Any, description: str) -> Any:
    """A field that reads an attribute of another name than its own."""
    read = attrgetter(attribute)

    def resolve(root: strawberry.Parent[Any]) -> Any:
        return read(root)

    return strawberry.field(
        resolver=resolve, graphql_type=graphql_type, description=description, metadata={READS: attribute}
    )
