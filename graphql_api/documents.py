"""Parses and validates documents, each only once: what is valid is kept, in a bounded memory."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any, NamedTuple, TypeGuard

from graphql import (
    DefinitionNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from graphql_api import limits
from graphql_api.execution import KnownDocument
from graphql_api.fields import SHARED
from utils.errors import QueryTooComplex

MOST_KEPT = 500
# A parsed document takes about a hundred times the memory of its text.
MOST_CHARACTERS_KEPT = 300_000


class Invalid(Exception):
    """A document that is no GraphQL, or does not fit the schema; an answer with errors and no data."""

    def __init__(self, errors: list[GraphQLError], *, parsed: bool) -> None:
        super().__init__()
        self.errors = errors
        self.parsed = parsed


class Document(NamedTuple):
    """A valid document, and its operations by name."""

    node: DocumentNode
    # With whatever variables.
    cost: limits.Cost
    defaults: Mapping[str, int]
    operations: dict[str | None, OperationType]
    # The operations of which anybody may have the answer, as far as their fields tell.
    shared: frozenset[str | None]

    def cost_with(self, variables: Mapping[str, Any] | None) -> limits.Cost:
        """What the operation that costs most would cost with these variables."""
        if self.cost.values <= limits.SURELY_FEW_VALUES:
            return self.cost
        return limits.check_document(self.node, self.defaults, variables or {})

    def is_shared(self, operation_name: str | None) -> bool:
        """Whether the operation that ran asks only for what note what they depend on (fields.root_field, shared)."""
        return operation_name in self.shared or (
            operation_name is None and len(self.operations) == len(self.shared) == 1
        )

    def has_mutation(self, operation_name: str | None) -> bool:
        """Whether the operation that would run writes; for an unknown name, whether any does."""
        if operation_name in self.operations:
            return self.operations[operation_name] is OperationType.MUTATION
        return OperationType.MUTATION in self.operations.values()


def _shared_fields(schema: GraphQLSchema) -> frozenset[str]:
    """The root fields of which everybody gets the same answer."""
    assert schema.query_type is not None
    declared = {name: each.extensions["strawberry-definition"] for name, each in schema.query_type.fields.items()}
    return frozenset(name for name, each in declared.items() if each.metadata.get(SHARED))


class Documents:
    """The valid documents read last, by their text; the memory they take is bounded."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._shared = _shared_fields(schema)
        self._defaults = limits.default_lengths(schema)
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0
        self._lock = Lock()

    def get(self, text: str) -> Document:
        """The parsed and validated document. Refuses with Invalid, or with the refusals of limits.py."""
        kept = self._kept.get(text)
        if kept is not None:
            return kept
        document = self._read(text)
        with self._lock:
            if text not in self._kept:
                self._kept[text] = document
                self._characters += len(text)
            while len(self._kept) > MOST_KEPT or self._characters > MOST_CHARACTERS_KEPT:
                self._characters -= len(self._kept.popitem(last=False)[0])
        return document

    def _read(self, text: str) -> Document:
        limits.check_text(text)
        try:
            node = parse(text, max_tokens=limits.MOST_TOKENS)
        except GraphQLError as error:
            raise Invalid([error], parsed=False) from None
        limits.check_shape(node)
        errors = validate(self._schema, node, max_errors=10)
        if any(isinstance(error.original_error, ValueError) for error in errors):
            # Python reads no integer of more than 4,300 digits.
            raise QueryTooComplex("A number in the document has too many digits.")
        if errors:
            raise Invalid(errors, parsed=True)
        cost = limits.check_document(node, self._defaults)
        operations = {
            (each.name.value if each.name else None): each.operation
            for each in node.definitions
            if isinstance(each, OperationDefinitionNode)
        }
        shared = (each for each in node.definitions if self._is_shared(each, node))
        return Document(
            KnownDocument.of(node, text),
            cost,
            self._defaults,
            operations,
            frozenset(each.name.value if each.name else None for each in shared),
        )

    def _is_shared(self, definition: DefinitionNode, node: DocumentNode) -> TypeGuard[OperationDefinitionNode]:
        if not isinstance(definition, OperationDefinitionNode) or definition.operation is not OperationType.QUERY:
            return False
        fields = limits.root_fields(definition.selection_set, limits.fragments_of(node))
        return all(name in self._shared or name.startswith("__") for name in fields)
