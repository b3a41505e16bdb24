"""Reads a page of HTML as far as the tests of the pages need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Page(HTMLParser):
    """The ids, addresses and texts of a page, and whatever a strict policy forbids to stand in it."""

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _script_is_data: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what an element refers to, and inline scripts and styles."""
        given = dict(attrs)
        self._open.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag == "a":
            self.links.append(given.get("href") or "")
        elif address := given.get("src") or given.get("href"):
            self.resources.append(address)
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self._script_is_data = given.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in given and not self._script_is_data):
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        """Collects the texts by the element they stand in."""
        if self._open and data.strip():
            self.texts.setdefault(self._open[-1], []).append(data)

    def handle_endtag(self, tag: str) -> None:
        """Leaves the element."""
        while self._open and self._open.pop() != tag:
            pass


def read(html: str) -> Page:
    """The page of this HTML."""
    page = Page()
    page.feed(html)
    return page
