"""Bounds on what a request may ask: work is refused before it is begun."""

import re
from collections.abc import Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
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
# Each is a transaction, or a password to hash.
MOST_MUTATIONS = 10
MOST_OPERATIONS_IN_A_BATCH = 10

# Strings and comments are passed over: what stands in them opens nothing. A string that never ends reaches to the end:
# looking for its end again from every later quote would take time by the square of the length.
_BRACKETS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)|"(?:[^"\\\n]|\\.)*+"?|#[^\n\r]*+|([\[{(])|([\]})])', re.DOTALL
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


def check_document(document: DocumentNode) -> None:
    """Refuses (QUERY_TOO_COMPLEX) a valid document that is too deep, or too wide once its fragments are written out."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    measured: dict[str, tuple[int, int]] = {}
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            fields, depth = _measure(operation.selection_set, fragments, measured)
            roots = _count_roots(operation.selection_set, fragments)
            if depth > DEEPEST_FIELD:
                raise QueryTooComplex(f"Fields may stand at most {DEEPEST_FIELD} deep.")
            if fields > MOST_FIELDS:
                raise QueryTooComplex(f"An operation may ask for at most {MOST_FIELDS} fields.")
            if roots > MOST_ROOT_FIELDS:
                raise QueryTooComplex(f"An operation may have at most {MOST_ROOT_FIELDS} fields at its root.")
            if operation.operation is OperationType.MUTATION and roots > MOST_MUTATIONS:
                raise QueryTooComplex(f"A document may do at most {MOST_MUTATIONS} things at once.")


def _measure(
    selections: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    measured: dict[str, tuple[int, int]],
) -> tuple[int, int]:
    """How many fields, and how deep. Each fragment is measured once, so a bomb of fragments costs nothing."""
    fields = depth = 0
    for selection in selections.selections if selections else ():
        if isinstance(selection, FieldNode):
            below, deeper = _measure(selection.selection_set, fragments, measured)
            fields, depth = fields + 1 + below, max(depth, 1 + deeper)
        elif isinstance(selection, InlineFragmentNode):
            below, deeper = _measure(selection.selection_set, fragments, measured)
            fields, depth = fields + below, max(depth, deeper)
        elif isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in measured:
                measured[name] = _measure(fragments[name].selection_set, fragments, measured)
            fields, depth = fields + measured[name][0], max(depth, measured[name][1])
    return fields, depth


def _count_roots(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    count = 0
    waiting, seen = [selections], set[str]()
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                count += 1
            elif isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                waiting.append(fragments[selection.name.value].selection_set)
    return count
