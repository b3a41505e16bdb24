"""Reads the project's Markdown: its code blocks with the notes above them, its commands, its links and headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
README = PROJECT / "README.md"
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOTE = re.compile(r"<!-- ([^\n]*) -->\s*\Z")
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced code block; `notes` are the words of the HTML comment right above it, as `name=value` or `name`."""

    page: Path
    line: int
    language: str
    text: str
    notes: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Where it stands, as an editor understands it."""
        return f"{self.page.relative_to(PROJECT)}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """The commands of a shell block, each in one line, without comments."""
        joined = re.sub(r"\\\n\s*", "", self.text)
        # A quoted argument may run over lines; a comment stands after two spaces, or alone.
        found = re.findall(r"(?:'[^']*'|\"[^\"]*\"|[^\n'\"])+", joined)
        stripped = (re.sub(r"(^|\s{2,})#.*", "", command).strip() for command in found)
        return [command for command in stripped if command]


def blocks(page: Path) -> list[Block]:
    """All fenced code blocks of a page, in their order."""
    return list(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        note = _NOTE.search(text, 0, fence.start())
        words = note[1].split() if note else []
        notes = {name: value for name, _, value in (word.partition("=") for word in words)}
        yield Block(page, text.count("\n", 0, fence.start()) + 1, fence[1], fence[2], notes)


def prose(page: Path) -> str:
    """The page without its code blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """The targets of a page's links."""
    return _LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The names under which GitHub lets a link jump to the headings of a page."""
    return {_anchor(heading) for heading in _HEADING.findall(prose(page))}


def _anchor(heading: str) -> str:
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return plain.replace(" ", "-")
