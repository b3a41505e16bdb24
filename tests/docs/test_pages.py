"""What the pages point to is there: links, files, headings, pictures, tables."""

from __future__ import annotations

import re
from inspect import cleandoc
from pathlib import Path

import pytest

from graphql_api import limits
from tests.docs.reading import PAGES, PROJECT, Block, anchors, blocks, links, prose
from utils.errors import DomainError

MERMAID = [block for page in PAGES for block in blocks(page) if block.language == "mermaid"]
_PATH = re.compile(r"`([\w./*-]+/|[\w./*-]*\w\.(?:py|md|ya?ml|toml|in|txt|graphql|ini|example))`")


def _name(page: Path) -> str:
    return str(page.relative_to(PROJECT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"https?://|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{_name(page)}: {link}"
        assert not anchor or anchor in anchors(target), f"{_name(page)}: {link}"


def _is_there(path: str) -> bool:
    if "/" in path:
        return any(PROJECT.glob(path.rstrip("/"))) if not path.startswith("/") else True
    places = (
        place for place in PROJECT.rglob(path) if ".venv" not in place.parts and "node_modules" not in place.parts
    )
    return any(places)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_file_and_folder_that_is_named_is_there(page: Path) -> None:
    missing = [path for path in _PATH.findall(prose(page)) if not _is_there(path)]

    assert missing == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [PROJECT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            found = ((page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link)
            waiting += [each for each in found if each.suffix == ".md"]

    assert set(PAGES) - reached == set()


@pytest.mark.parametrize("block", MERMAID, ids=str)
def test_every_picture_is_whole(block: Block) -> None:
    lines = [line.strip() for line in block.text.splitlines() if line.strip()]
    kind = lines[0].split()[0]
    assert kind in {"flowchart", "sequenceDiagram"}
    bare = re.sub(r'"[^"\n]*"', "", block.text)
    assert '"' not in bare
    for opening, closing in ("[]", "()", "{}"):
        assert bare.count(opening) == bare.count(closing)
    opened = [line for line in lines if re.match(r"(subgraph|alt|opt|loop|par|critical|break|rect)\b", line)]
    assert len(opened) == lines.count("end")
    if kind == "sequenceDiagram":
        known = {line.split()[1] for line in lines if line.startswith("participant ")}
        spoken = re.findall(r"^\s*(\w+)-{1,2}>>(\w+): ", block.text, re.MULTILINE)
        assert spoken
        assert {name for pair in spoken for name in pair} == known


def _error_rows() -> list[list[str]]:
    table = re.findall(r"^\| `[A-Z_]+` \|.*\|$", prose(PROJECT / "docs" / "errors.md"), re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def test_the_table_of_errors_is_what_the_classes_say() -> None:
    shown = [(code.strip("`"), int(status), f"Returned {when}") for code, status, when, *_ in _error_rows()]
    classes = DomainError.__subclasses__()

    assert shown == [
        (each.code.value, each.http_status, " ".join(cleandoc(each.__doc__ or "").split())) for each in classes
    ]
    assert all(len(row) == 5 and row[4] for row in _error_rows())


def test_the_limits_in_the_table_of_errors_are_those_of_the_code() -> None:
    advice = {row[0].strip("`"): row[4].replace(",", "") for row in _error_rows()}

    assert f"{limits.LARGEST_BODY} bytes" in advice["PAYLOAD_TOO_LARGE"]
    assert f"{limits.LONGEST_DOCUMENT} characters" in advice["PAYLOAD_TOO_LARGE"]
    assert (
        f"{limits.DEEPEST_FIELD} levels {limits.MOST_FIELDS} fields {limits.MOST_ROOT_FIELDS} root fields"
        in (advice["QUERY_TOO_COMPLEX"])
    )


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    text = prose(PROJECT / "docs" / "glossary.md")
    sections = [re.findall(r"^- \*\*([^*]+)\*\*: ", section, re.MULTILINE) for section in text.split("\n## ")[1:]]
    words = [word for section in sections for word in section]

    assert all(section == sorted(section, key=str.lower) for section in sections)
    assert len(words) == len(set(words)) > 50
    entries = re.findall(r"^- \*\*.*(?:\n  .*)*", text, re.MULTILINE)
    assert len(entries) == len(words)
    assert all(entry.endswith(".") for entry in entries)
