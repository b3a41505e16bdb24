"""The project's own files, parsed, for the tests that hold the rules of the house against them."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# What tools made or fetched; hidden folders likewise, but for the one with our own script.
_FOREIGN = {"node_modules", "__pycache__", "vendor", "htmlcov"}
_HIDDEN_BUT_OURS = {".ci"}


@dataclass(frozen=True)
class Module:
    """A Python file of the project."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Its path from the project's folder, as messages show it."""
        return self.path.relative_to(PROJECT).as_posix()

    def at(self, node: ast.AST) -> str:
        """The file and the line of a node."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


@cache
def files() -> list[Path]:
    """Every file of the project that people wrote."""
    found: list[Path] = []
    for folder, below, names in os.walk(PROJECT):
        below[:] = sorted(name for name in below if _is_ours(name))
        found += [Path(folder, name) for name in sorted(names) if not name.endswith((".pyc", ".part"))]
    return found


def _is_ours(folder: str) -> bool:
    return folder not in _FOREIGN and (not folder.startswith(".") or folder in _HIDDEN_BUT_OURS)


@cache
def modules() -> list[Module]:
    """Every Python file, the tests too."""
    texts = [(path, path.read_text(encoding="utf-8")) for path in files() if path.suffix == ".py"]
    return [Module(path, text, ast.parse(text)) for path, text in texts]


@cache
def program() -> list[Module]:
    """The Python files of the program itself: no tests, no bench, no migrations."""
    apart = ("tests/", "bench/", "alembic/versions/")
    return [module for module in modules() if not module.name.startswith(apart)]


@cache
def of_tests() -> list[Module]:
    """The Python files of the tests."""
    return [module for module in modules() if module.name.startswith("tests/")]


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, methods and inner ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.AST) -> str:
    """The dotted name of an expression such as `clock.now`; an unknown part is a question mark."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a module with the dotted name of what is called."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def imported(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """Every name a module imports, as `package.module.name`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module}.{each.name}") for each in node.names)


def constants(module: Module) -> Iterator[ast.Constant]:
    """Every piece of text in a module that is no docstring."""
    docstrings = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node
