"""Executes documents; fields that only read an attribute skip the machinery that resolvers need.

A page of 20 products by 6 fields is 120 fields, and graphql-core builds a path, an info object and an argument map for
each. Where a field has no resolver, no argument and a leaf type, its value is the attribute, serialized: the result is
the same, and tests/graphql/test_execution.py holds this executor against the library's own on random documents.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple, cast

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLScalarType,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution import Executor

from graphql_api.fields import READS


class _Plain(NamedTuple):
    """How to read one field without a resolver."""

    read: Callable[[Any], Any]
    serialize: Callable[[Any], Any]


# As graphql-core serializes them, without its checks: the sources are typed rows, and a value of a wrong Python type
# goes the long way.
_AS_THEY_ARE: dict[str, type] = {"String": str, "ID": str, "Int": int, "Boolean": bool}
_INT_RANGE = range(-(2**31), 2**31)


class PlainFieldExecutor(Executor[Any]):
    """graphql-core's executor with a short way for plain fields of objects."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # By identity: the library keeps one grouped field set per selection for the whole execution.
        self._plans: dict[int, tuple[Any, list[tuple[str, _Plain | None, Any]]]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        """Executes a selection set: plain fields the short way, all others as the library does."""
        if path is None:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        known = self._plans.get(id(grouped_field_set))
        if known is None:
            plan = [(name, _plain(parent_type, details), details) for name, details in grouped_field_set.items()]
            known = self._plans[id(grouped_field_set)] = (grouped_field_set, plan)
        results: dict[str, Any] = {}
        slow: dict[str, Any] = {}
        for name, plain, details in known[1]:
            if plain is not None:
                try:
                    results[name] = plain.serialize(plain.read(source_value))
                    continue
                except Exception:  # noqa: S110 - the long way reports it as the library does
                    pass
            results[name] = None  # holds the field's place in the answer
            slow[name] = details
        if slow:
            # Nothing in this house is awaitable, so this is the mapping itself.
            long_way = super().execute_fields(parent_type, source_value, path, slow, position_context)
            results.update(cast("dict[str, Any]", long_way))
        return results


def _plain(parent_type: GraphQLObjectType, details: Any) -> _Plain | None:
    field = parent_type.fields.get(details[0].node.name.value)
    if field is None or field.args:
        return None
    declared = field.extensions.get("strawberry-definition")
    attribute = declared.metadata.get(READS) if declared is not None else None
    if attribute is None:
        if declared is None or not getattr(field.resolve, "_is_default", False):
            return None
        attribute = declared.python_name
    serialize = _serializer(field)
    return None if serialize is None else _Plain(attrgetter(attribute), serialize)


def _serializer(field: GraphQLField) -> Callable[[Any], Any] | None:
    nullable = not is_non_null_type(field.type)
    leaf = get_nullable_type(field.type)
    if not is_leaf_type(leaf):
        return None
    through = leaf.coerce_output_value
    expected = _AS_THEY_ARE.get(leaf.name) if isinstance(leaf, GraphQLScalarType) else None

    def serialize(value: Any) -> Any:
        if expected is not None and type(value) is expected and (expected is not int or value in _INT_RANGE):
            return value
        if value is None:
            if nullable:
                return None
            raise TypeError
        done = through(value)
        if done is None:
            raise TypeError
        return done

    return serialize
