"""Bounds on what a request may ask: work is refused before it is begun."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from utils.errors import PayloadTooLarge, QueryTooComplex

LARGEST_BODY = 1_000_000
LONGEST_DOCUMENT = 100_000
MOST_TOKENS = 10_000
MOST_BRACKETS = 100
DEEPEST_FIELD = 20
MOST_FIELDS = 2_000
MOST_ROOT_FIELDS = 50
MOST_OPERATIONS_IN_A_BATCH = 10
# Of one request, its whole batch. A mutation is a transaction, or a password to hash.
MOST_MUTATIONS = 10
MOST_VALUES = 25_000
# Of one selection set. Validation compares each field with every other of its name.
MOST_OF_ONE_NAME = 20
MOST_SPREADS = 100
# How long the schema's lists are at most, or as a rule; `first` says it better.
_LENGTHS = {
    "products": 100,
    "getProducts": 100,
    "staffProducts": 100,
    "suggestions": 20,
    "brands": 50,
    "prices": 33,
    "categories": 100,
    "children": 50,
    "breadcrumbs": 8,
    "variants": 30,
    "options": 5,
    "families": 100,
    "collections": 100,
    "staffCollections": 100,
    "regions": 20,
    "getOrders": 100,
    "items": 20,
    "images": 20,
    "history": 10,
    "users": 100,
    "invitations": 100,
    "departments": 20,
    "auditLog": 100,
    "priceHistory": 100,
    "scheduledPrices": 100,
    "schedulePrice": 2,
    "stockMovements": 100,
    "stockAlerts": 100,
    "importJobs": 100,
    "errors": 1_000,
    "mySessions": 50,
    "myAddresses": 50,
}
# What stands in a connection once, beside its members.
_ONCE = frozenset({"facets"})

# Strings and comments are passed over: what stands in them opens nothing. A string that never ends reaches to the end:
# looking for its end again from every later quote would take time by the square of the length.
# (Each alternative always finds its end, so nothing is tried twice. Possessive quantifiers would say so, but are wrong
# in the first releases of Python 3.11.)
_BRACKETS = re.compile(
    r'"""(?:[^"\\]|\\.?|"(?!""))*(?:"""|\Z)|"(?:[^"\\\n]|\\.)*"?|#[^\n\r]*|([\[{(])|([\]})])', re.DOTALL
)


def check_text(document: str) -> None:
    """Refuses a document that is too long (PAYLOAD_TOO_LARGE), or nested deeper than a parser should climb."""
    if len(document) > LONGEST_DOCUMENT:
        raise PayloadTooLarge(f"A document has at most {LONGEST_DOCUMENT} characters.")
    depth = 0
    for match in _BRACKETS.finditer(document):
        if match[1]:
            depth += 1
            if depth > MOST_BRACKETS:
                raise QueryTooComplex(f"A document may open at most {MOST_BRACKETS} brackets in one another.")
        elif match[2]:
            depth -= 1


class Cost(NamedTuple):
    """What an operation asks for: things to do, and values in its answer at the most."""

    mutations: int
    values: int


class Budget:
    """What one request may ask for, all operations of its batch together."""

    def __init__(self) -> None:
        self._mutations = 0
        self._values = 0

    def spend(self, cost: Cost) -> None:
        """Refuses (QUERY_TOO_COMPLEX) the operation that goes over the request's bounds."""
        self._mutations += cost.mutations
        self._values += cost.values
        if self._mutations > MOST_MUTATIONS:
            raise QueryTooComplex(f"A request may do at most {MOST_MUTATIONS} things at once.")
        if self._values > MOST_VALUES:
            raise QueryTooComplex(f"A request may ask for at most {MOST_VALUES} values; ask for shorter lists.")


def check_shape(document: DocumentNode) -> None:
    """Refuses (QUERY_TOO_COMPLEX) a parsed document that would take long to validate, before it is validated."""
    spreads = 0
    waiting: list[SelectionSetNode] = [
        each.selection_set for each in document.definitions if hasattr(each, "selection_set")
    ]
    while waiting:
        names: Counter[str] = Counter()
        for selection in waiting.pop().selections:
            if isinstance(selection, FragmentSpreadNode):
                spreads += 1
            if isinstance(selection, FieldNode):
                names[(selection.alias or selection.name).value] += 1
            if isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set:
                waiting.append(selection.selection_set)
        if names and max(names.values()) > MOST_OF_ONE_NAME:
            raise QueryTooComplex(f"A field may be named at most {MOST_OF_ONE_NAME} times in one place.")
    if spreads > MOST_SPREADS:
        raise QueryTooComplex(f"A document may spread at most {MOST_SPREADS} fragments.")


def check_document(document: DocumentNode) -> Cost:
    """What the dearest operation of a valid document costs.

    Refuses (QUERY_TOO_COMPLEX) one that is too deep, or too wide once its fragments are written out.
    """
    fragments = fragments_of(document)
    measured: dict[str, _Size] = {}
    mutations = values = 0
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            size = _measure(operation.selection_set, fragments, measured)
            roots = len(root_fields(operation.selection_set, fragments))
            if size.depth > DEEPEST_FIELD:
                raise QueryTooComplex(f"Fields may stand at most {DEEPEST_FIELD} deep.")
            if size.fields > MOST_FIELDS:
                raise QueryTooComplex(f"An operation may ask for at most {MOST_FIELDS} fields.")
            if roots > MOST_ROOT_FIELDS:
                raise QueryTooComplex(f"An operation may have at most {MOST_ROOT_FIELDS} fields at its root.")
            values = max(values, size.values + size.beside)
            if operation.operation is OperationType.MUTATION:
                mutations = max(mutations, roots)
    return Cost(mutations, values)


class _Size(NamedTuple):
    """`beside`: values that come once with a list, and not with each of its members."""

    fields: int
    depth: int
    values: int
    beside: int = 0


def _measure(
    selections: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode], measured: dict[str, _Size]
) -> _Size:
    """How many fields, how deep, how many values. Each fragment is measured once: a bomb of them costs nothing."""
    fields = depth = values = beside = 0
    for selection in selections.selections if selections else ():
        if isinstance(selection, FieldNode):
            below = _measure(selection.selection_set, fragments, measured)
            amount = 1 + _length(selection) * below.values + below.beside
            once = selection.name.value in _ONCE
            size = _Size(1 + below.fields, 1 + below.depth, 0 if once else amount, amount if once else 0)
        elif isinstance(selection, InlineFragmentNode):
            size = _measure(selection.selection_set, fragments, measured)
        else:
            name = cast("FragmentSpreadNode", selection).name.value
            if name not in measured:
                measured[name] = _measure(fragments[name].selection_set, fragments, measured)
            size = measured[name]
        fields, depth = fields + size.fields, max(depth, size.depth)
        values, beside = values + size.values, beside + size.beside
    return _Size(fields, depth, values, beside)


def _length(field: FieldNode) -> int:
    """How many times what stands below the field may come in the answer."""
    length = _LENGTHS.get(field.name.value, 1)
    for argument in field.arguments or ():
        if argument.name.value == "first" and isinstance(argument.value, IntValueNode):
            digits = argument.value.value
            length = max(1, min(length, int(digits) if len(digits) < 10 else length))
    return length


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments of a document, by name."""
    return {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}


def root_fields(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> list[str]:
    """The names of the fields at the root of an operation, as often as they are asked for."""
    found = []
    waiting, seen = [selections], set[str]()
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                found.append(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                waiting.append(fragments[selection.name.value].selection_set)
    return found
