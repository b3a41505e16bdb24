"""How every file of the project is made: it says what it is for, it is small, and it hides nothing."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from tests.architecture.sources import PROJECT, Module, files, functions, imported, modules, of_tests, program
from utils.errors import DomainError

# Lines of a module and of a function. A module of tests is a list of cases, which nobody has to hold in mind at once.
LONGEST = {"program": (300, 50), "tests": (450, 60)}
# Mostly written by Alembic, and as long as the schema is.
_WRITTEN_BY_A_PROGRAM = "alembic/versions/"


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_opens_with_one_plain_sentence(module: Module) -> None:
    opening = (ast.get_docstring(module.tree) or "").split("\n\n")[0]

    assert opening
    assert "\n" not in opening
    assert opening.endswith(".")


def test_modules_and_functions_are_short() -> None:
    long: list[str] = []
    for module in modules():
        if module.name.startswith(_WRITTEN_BY_A_PROGRAM):
            continue
        longest_module, longest_function = LONGEST["tests" if module.name.startswith("tests/") else "program"]
        if (lines := _lines(module.tree)) > longest_module:
            long.append(f"{module.name}: {lines} lines")
        for function in functions(module):
            if (lines := _lines(function)) > longest_function:
                long.append(f"{module.at(function)} {function.name}: {lines} lines")

    assert long == []


def _lines(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if isinstance(node, ast.Module):
        return max((each.end_lineno or 0 for each in node.body), default=0)
    return (node.end_lineno or 0) - node.lineno + 1


def test_every_public_function_and_class_says_what_it_is() -> None:
    silent = [
        module.at(node)
        for module in program()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]

    assert silent == []


def test_nothing_stands_in_the_program_that_only_tests_call() -> None:
    said = Counter(word for module in program() for word in re.findall(r"\w+", module.text))
    # A code that only the library's own errors carry has a class too, for its sentence (test_errors.py).
    refusals = {refusal.__name__ for refusal in DomainError.__subclasses__()}
    unused = [
        f"{module.at(node)} {node.name}"
        for module in program()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.decorator_list
        and node.name not in refusals | {"__getattr__"}
        and said[node.name] < 2
    ]

    # gunicorn calls it by its name.
    assert [each for each in unused if not each.endswith((" post_fork", " when_ready"))] == []


def test_nothing_is_left_for_later() -> None:
    words = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    left = [f"{path.relative_to(PROJECT)}" for path in files() if words.search(_text(path.read_bytes()))]

    assert left == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    words = {"skip", "skipif", "xfail", "importorskip", "skipIf", "skipUnless", "expectedFailure"}
    found = [
        module.at(node)
        for module in of_tests()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in words
    ]

    assert found == []


def test_no_test_stands_on_a_stand_in_for_postgresql_or_redis() -> None:
    stand_ins = ("fakeredis", "sqlite3", "unittest.mock", "mock", "pytest_mock")
    found = [module.at(node) for module in of_tests() for node, name in imported(module) if name.startswith(stand_ins)]

    assert found == []


def test_no_file_names_the_machine_it_was_written_on_or_where_packages_come_from() -> None:
    hosts = ["py" + "pi.org", "pythonhosted" + ".org", "npm" + "js.org", "npm" + "js.com"]
    paths = [r"(?<![\w.])/" + "work/", r"(?<![\w.])/" + r"root\b"]
    words = re.compile("|".join([*map(re.escape, hosts), *paths]))
    found = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in files()
        for number, line in enumerate(_text(path.read_bytes()).splitlines(), 1)
        if words.search(line)
    ]

    assert found == []


def _text(content: bytes) -> str:
    return "" if b"\0" in content else content.decode("utf-8", "replace")
