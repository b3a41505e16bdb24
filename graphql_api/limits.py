"""Bounds on what a request may ask: work is refused before it is begun."""

import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_object_type,
)

from graphql_api.list_lengths import LEADS_BACK, LENGTHS, LENGTHS_INSIDE, ONCE, WEIGHTS
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
# An operation that asks for no more, whatever its variables, is not measured again with each of them.
SURELY_FEW_VALUES = MOST_VALUES // MOST_OPERATIONS_IN_A_BATCH
# Of an answer that changed nothing. The bounds above are guesses of it; this one is exact, and only found afterwards.
LARGEST_ANSWER = 10_000_000
# Of one selection set. Validation compares each field with every other of its name.
MOST_OF_ONE_NAME = 20
MOST_SPREADS = 100
_MANY_DIGITS = 10
NO_DEFAULTS: Mapping[str, int] = MappingProxyType({})
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
        self.mutations = 0
        self._values = 0

    def spend(self, cost: Cost) -> None:
        """Refuses (QUERY_TOO_COMPLEX) the operation that goes over the request's bounds."""
        self.mutations += cost.mutations
        self._values += cost.values
        if self.mutations > MOST_MUTATIONS:
            raise QueryTooComplex(f"A request may do at most {MOST_MUTATIONS} things at once.")
        if self._values > MOST_VALUES:
            raise QueryTooComplex(f"A request may ask for at most {MOST_VALUES} values; ask for shorter lists.")

    def check_answer(self, length: int) -> None:
        """Refuses (QUERY_TOO_COMPLEX) an answer of so many bytes, unless something was done that it tells of."""
        if length > LARGEST_ANSWER and not self.mutations:
            raise QueryTooComplex(f"An answer has at most {LARGEST_ANSWER} bytes; ask for less at once.")


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


def check_document(
    document: DocumentNode, defaults: Mapping[str, int] = NO_DEFAULTS, variables: Mapping[str, Any] | None = None
) -> Cost:
    """What the dearest operation of a valid document costs: with these variables, or with any if none are given.

    `defaults`: how long a list is when its field's `first` is left out. Refuses (QUERY_TOO_COMPLEX) a document that is
    too deep, or too wide once its fragments are written out.
    """
    fragments = fragments_of(document)
    mutations = values = 0
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            size = _Measuring(fragments, defaults, _numbers(operation, variables)).size(operation.selection_set)
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


def _numbers(operation: OperationDefinitionNode, variables: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The variables of an operation: what was sent, else what the operation says itself; None while they are open."""
    if variables is None:
        return None
    said = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
    own = {name: _written(each) for name, each in said.items() if isinstance(each, IntValueNode)}
    return {**own, **variables}


def _written(number: IntValueNode) -> int:
    """A number of the document; one of ten digits or more is more than any list has."""
    return int(number.value) if len(number.value) < _MANY_DIGITS else MOST_VALUES


class _Size(NamedTuple):
    """`beside`: values that come once with a list, and not with each of its members."""

    fields: int
    depth: int
    values: int
    beside: int = 0


class _Measuring:
    """Measures the selections of one operation. Each fragment is measured once: a bomb of them costs nothing."""

    def __init__(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        defaults: Mapping[str, int],
        variables: Mapping[str, Any] | None,
    ) -> None:
        self._fragments = fragments
        self._defaults = defaults
        self._variables = variables
        self._measured: dict[tuple[str, bool], _Size] = {}

    def size(self, selections: SelectionSetNode | None, *, leads_back: bool = False) -> _Size:
        """How many fields, how deep, how many values; `leads_back`: below a field that leads to others of its kind."""
        fields = depth = values = beside = 0
        for selection in selections.selections if selections else ():
            size = self._of(selection, leads_back)
            fields, depth = fields + size.fields, max(depth, size.depth)
            values, beside = values + size.values, beside + size.beside
        return _Size(fields, depth, values, beside)

    def _of(self, selection: SelectionNode, leads_back: bool) -> _Size:
        if isinstance(selection, FieldNode):
            return self._of_field(selection, leads_back)
        if isinstance(selection, InlineFragmentNode):
            return self.size(selection.selection_set, leads_back=leads_back)
        name = cast("FragmentSpreadNode", selection).name.value
        if (name, leads_back) not in self._measured:
            found = self.size(self._fragments[name].selection_set, leads_back=leads_back)
            self._measured[name, leads_back] = found
        return self._measured[name, leads_back]

    def _of_field(self, field: FieldNode, leads_back: bool) -> _Size:
        name = field.name.value
        below = self.size(field.selection_set, leads_back=leads_back or name in LEADS_BACK)
        amount = WEIGHTS.get(name, 1) + self._length(field, leads_back) * below.values + below.beside
        once = name in ONCE
        return _Size(1 + below.fields, 1 + below.depth, 0 if once else amount, amount if once else 0)

    def _length(self, field: FieldNode, leads_back: bool) -> int:
        """How many times what stands below the field may come in the answer."""
        name = field.name.value
        longest = (LENGTHS_INSIDE if leads_back and name in LENGTHS_INSIDE else LENGTHS).get(name, 1)
        first = next((each.value for each in field.arguments or () if each.name.value == "first"), None)
        wanted: Any = self._defaults.get(name)
        if isinstance(first, IntValueNode):
            wanted = _written(first)
        elif isinstance(first, VariableNode):
            # A variable that nobody sends leaves the argument out.
            wanted = None if self._variables is None else self._variables.get(first.name.value, wanted)
        return max(1, min(longest, wanted)) if type(wanted) is int else longest


def default_lengths(schema: GraphQLSchema) -> dict[str, int]:
    """How long lists are when nobody says, by the names of their fields."""
    found: dict[str, int] = {}
    for kind in schema.type_map.values():
        for name, field in kind.fields.items() if is_object_type(kind) else ():
            default = field.args["first"].default_value if "first" in field.args else None
            if type(default) is int:
                found[name] = max(default, found.get(name, 0))
    return found


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
