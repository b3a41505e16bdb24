"""Markdown as plain text, for those who show neither Markdown nor HTML."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_parser = MarkdownIt("commonmark")
_SPACES = re.compile(r"[ \t]+")


def plain_text(markdown: str) -> str:
    """The words of the text, a line for each paragraph, heading and item. HTML and where links lead are left out."""
    lines = (_SPACES.sub(" ", line).strip() for line in _lines(_parser.parse(markdown)))
    return "\n".join(line for line in lines if line)


def _lines(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield from "".join(_words(token.children or [])).split("\n")
        elif token.type in ("fence", "code_block"):
            yield from token.content.split("\n")


def _words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("text", "code_inline", "image"):
            # Of a picture, its description.
            yield token.content
        elif token.type == "softbreak":
            yield " "
        elif token.type == "hardbreak":
            yield "\n"
