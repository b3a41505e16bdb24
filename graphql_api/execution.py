"""Executes documents; what only reads attributes skips the machinery that resolvers need.

A page of 20 products by 6 fields is 120 fields, and graphql-core builds a path, an info object and an argument map for
each. A field without resolver and argument is its attribute, and an object of such fields, or a list of them, can be
written out in one go. Whatever is not plain in there (a null where none may be, a value of a wrong type, an exception)
ends the short way, and the library does that part from its beginning: the answer is the same, errors included, and
tests/graphql/test_execution.py holds this executor against the library's own on random documents.

How a field is written out depends on its document alone, unless a directive of the document asks variables. So it is
worked out once, and kept with the document (`KnownDocument`).
"""

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any, Self, cast
from uuid import UUID

from graphql import (
    DocumentNode,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.execution import Executor

from graphql_api.fields import READS

# From a source, or from a resolved value, to what the answer shows; raises on whatever is not plain.
_Short = Callable[[Any], Any]

# Values of these types stand in the answer as they are.
_AS_THEY_ARE: dict[str, type] = {"String": str, "ID": str, "Int": int, "Boolean": bool}
_INT_RANGE = range(-(2**31), 2**31)

# What was worked out, by the type and by the field nodes that ask for it.
_Completers = dict[tuple[int, ...], _Short | None]


class KnownDocument(DocumentNode):
    """A document that is executed again and again, and what was worked out for it."""

    # None when its fields are not the same ones each time.
    completers: _Completers | None = None

    @classmethod
    def of(cls, node: DocumentNode, text: str) -> Self:
        """The document of this text."""
        known = cls(definitions=node.definitions, loc=node.loc)
        # Found in a string it costs a little time, and no answer.
        known.completers = None if "@" in text else {}
        return known


class _NotPlain(Exception):
    """The value needs the long way."""


class PlainFieldExecutor(Executor[Any]):
    """graphql-core's executor with a short way for what only reads attributes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # By identity, and kept with what is identified: the library keeps one field set per selection for the whole
        # execution, and the document its nodes.
        self._readers: dict[int, tuple[Any, dict[str, _Short | None]]] = {}
        self._completers: _Completers = {}

    @classmethod
    def build(cls, schema: GraphQLSchema, document: DocumentNode, *arguments: Any, **options: Any) -> Any:
        """Called by the library for each execution; what it refuses, it gives back as a list of errors."""
        executor = super().build(schema, document, *arguments, **options)
        if isinstance(executor, cls) and isinstance(document, KnownDocument) and document.completers is not None:
            executor._completers = document.completers
        return executor

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
        results: dict[str, Any] = {}
        slow: dict[str, Any] = {}
        for name, read in self._readers_of(parent_type, grouped_field_set).items():
            if read is not None:
                try:
                    results[name] = read(source_value)
                    continue
                except Exception:  # noqa: S110 - the long way reports it as the library does
                    pass
            results[name] = None  # holds the field's place in the answer
            slow[name] = grouped_field_set[name]
        if slow:
            done = super().execute_fields(parent_type, source_value, path, slow, position_context)
            results.update(cast("dict[str, Any]", done))  # resolvers are plain functions: nothing to await
        return results

    def complete_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Completes what a resolver gave: in one go if all below it is plain, else as the library does."""
        complete = self._completer(return_type, field_details_list)
        if complete is not None:
            try:
                return complete(result)
            except Exception:  # noqa: S110 - the long way reports it as the library does
                pass
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    def _readers_of(self, parent_type: GraphQLObjectType, grouped_field_set: Any) -> dict[str, _Short | None]:
        known = self._readers.get(id(grouped_field_set))
        if known is None:
            readers = {name: self._reader(parent_type, details) for name, details in grouped_field_set.items()}
            known = self._readers[id(grouped_field_set)] = (grouped_field_set, readers)
        return known[1]

    def _reader(self, parent_type: GraphQLObjectType, details: Any) -> _Short | None:
        name = details[0].node.name.value
        read = _leaf_reader(parent_type, name)
        get = _attribute(parent_type, name) if read is None else None
        if get is None:
            return read
        complete = self._completer(parent_type.fields[name].type, details)
        return None if complete is None else lambda source: complete(get(source))

    def _completer(self, return_type: Any, details: Any) -> _Short | None:
        key = (id(return_type), *[id(each.node) for each in details])
        try:
            return self._completers[key]
        except KeyError:
            new = self._completers[key] = self._new_completer(return_type, details)
            return new

    def _new_completer(self, return_type: Any, details: Any) -> _Short | None:
        bare = get_nullable_type(return_type)
        nullable = bare is return_type
        if is_leaf_type(bare):
            return _leaf(bare, nullable)
        if is_list_type(bare):
            item = self._completer(bare.of_type, details)
            return None if item is None else _list(item, nullable)
        if is_object_type(bare) and bare.is_type_of is None:
            return self._object(bare, details, nullable)
        return None

    def _object(self, object_type: GraphQLObjectType, details: Any, nullable: bool) -> _Short | None:
        try:
            fields, deferred, _ = self.collect_subfields(object_type, details)
        except Exception:  # the library shall fail where it would without us
            return None
        readers = self._readers_of(object_type, fields)
        if deferred or None in readers.values():
            return None
        plain = [(name, read) for name, read in readers.items() if read is not None]

        def complete(value: Any) -> Any:
            if value is None or value is Undefined or isinstance(value, Exception):
                return _null(value, nullable)
            return {name: read(value) for name, read in plain}

        return complete


@lru_cache(maxsize=4096)
def _attribute(parent_type: GraphQLObjectType, name: str) -> _Short | None:
    """Reads the attribute that the field is; None when the field has arguments, a resolver or extensions."""
    field: GraphQLField | None = parent_type.fields.get(name)
    declared = field.extensions.get("strawberry-definition") if field is not None and not field.args else None
    if declared is None or declared.extensions:
        return None
    if declared.base_resolver is None:
        return attrgetter(declared.python_name)
    attribute = declared.metadata.get(READS)
    return None if attribute is None else attrgetter(attribute)


@lru_cache(maxsize=4096)
def _leaf_reader(parent_type: GraphQLObjectType, name: str) -> _Short | None:
    """Reads a field without a resolver whose type is a leaf; None for every other."""
    if name == "__typename":
        return lambda _source: parent_type.name
    get = _attribute(parent_type, name)
    if get is None:
        return None
    declared = parent_type.fields[name].type
    leaf = get_nullable_type(declared)
    if not is_leaf_type(leaf):
        return None
    complete = _leaf(leaf, nullable=leaf is declared)
    expected = _AS_THEY_ARE.get(leaf.name)
    if expected is None or expected is int:
        return lambda source: complete(get(source))

    def read(source: Any) -> Any:
        value = get(source)
        # As `complete` would, for most of all fields, and without another call.
        return value if type(value) is expected else complete(value)

    return read


def _leaf(leaf: GraphQLLeafType, nullable: bool) -> _Short:
    through = leaf.coerce_output_value
    expected = _AS_THEY_ARE.get(leaf.name)
    told_as_text = UUID if leaf.name == "ID" else None

    def complete(value: Any) -> Any:
        if type(value) is expected and (expected is not int or value in _INT_RANGE):
            return value
        if type(value) is told_as_text:
            return str(value)
        if value is None or value is Undefined or isinstance(value, Exception):
            return _null(value, nullable)
        done = through(value)
        if done is None or done is Undefined:
            raise _NotPlain
        return done

    return complete


def _list(item: _Short, nullable: bool) -> _Short:
    def complete(value: Any) -> Any:
        # What can be read only once must be left to the long way whole.
        if not isinstance(value, list | tuple):
            return _null(value, nullable)
        return [item(each) for each in value]

    return complete


def _null(value: Any, nullable: bool) -> None:
    if not nullable or (value is not None and value is not Undefined):
        raise _NotPlain
