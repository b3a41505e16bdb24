"""Turns Markdown that people wrote into HTML that may stand in any page."""

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

_KEPT = 512
# The time that CommonMark takes can grow by the square of the number of lines. A text with more is shown as it stands.
MOST_LINES = 300
_SCHEMES = ("http", "https", "mailto")
_LINK = re.compile(rf"(?:{'|'.join(_SCHEMES)}):", re.IGNORECASE)


def _is_link(url: str) -> bool:
    return _LINK.match(url.strip()) is not None


def _in_words(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """What a picture shows, in place of the picture: those of a product are uploaded, and nobody is to be counted."""
    return escapeHtml(renderer.renderInlineAsText(tokens[at].children or [], options, env))


def _reader() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False})
    made.validateLink = _is_link  # type: ignore[method-assign]
    made.add_render_rule("image", _in_words)
    return made


# The first wall: HTML that stands in the text is text. Parsing keeps its state per call, so threads may share these.
_MARKDOWN = _reader()
# The second: whatever came through, only this leaves.
_HEADINGS = {f"h{level}" for level in range(1, 7)}
_CLEANER = nh3.Cleaner(
    tags={"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "strong", "ul"} | _HEADINGS,
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    url_schemes=set(_SCHEMES),
    url_relative="deny",
    link_rel="nofollow noopener noreferrer",
)


@lru_cache(maxsize=_KEPT)
def to_html(markdown: str) -> str:
    """The HTML of a CommonMark text: a few tags, no HTML of the author's own, no pictures.

    Links lead to http, https and mailto only, and tell nobody where they were followed from. The caller bounds the
    length of the text; one of 10,000 characters takes a fraction of a second, whatever stands in it.
    """
    if markdown.count("\n") + markdown.count("\r") >= MOST_LINES:
        lines = "<br>\n".join(escapeHtml(line) for line in markdown.splitlines())
        return f"<p>{lines}</p>"
    return _CLEANER.clean(_MARKDOWN.render(markdown)).strip()
