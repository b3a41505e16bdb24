"""Puts the figures of finding into docs/finding.md: a table, and a picture that can be read by day and by night."""

from collections.abc import Mapping
from math import log10
from pathlib import Path
from typing import Protocol

_DOCS = Path(__file__).resolve().parent.parent / "docs"
_PAGE, _PICTURE = _DOCS / "finding.md", _DOCS / "finding.svg"
_BEGIN, _END = "<!-- figures begin -->", "<!-- figures end -->"
_ROW, _TOP, _LEFT, _WIDE = 24, 56, 230, 420
_LEAST, _MOST = 0.1, 100.0
# Grey, blue and orange: told apart by those who see no red, on white and on black.
_COLOURS = ("#8a8f98", "#3b82f6", "#f08c00")


class Timed(Protocol):
    """Milliseconds: the middle one, and what 95 of 100 stay under."""

    @property
    def median(self) -> float:
        """The middle one."""
        ...

    @property
    def p95(self) -> float:
        """What 95 of 100 stay under."""
        ...


Found = Mapping[str, Mapping[int, Timed]]


def write_page(found: Found) -> None:
    """Writes the table between its marks in docs/finding.md, and docs/finding.svg anew."""
    text = _PAGE.read_text()
    before, rest = text.split(_BEGIN, 1)
    _, after = rest.split(_END, 1)
    _PAGE.write_text(f"{before}{_BEGIN}\n\n{as_table(found)}\n\n{_END}{after}")
    _PICTURE.write_text(as_picture(found))


def as_table(found: Found) -> str:
    """Markdown: a row for each kind of question, a column for each size."""
    sizes = _sizes(found)
    lines = [
        "| milliseconds, median (p95) | " + " | ".join(f"{size:,}" for size in sizes) + " |",
        "|---" * (len(sizes) + 1) + "|",
    ]
    for name, by_size in found.items():
        cells = [f"{by_size[size].median:.2f} ({by_size[size].p95:.2f})" if size in by_size else "" for size in sizes]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def as_picture(found: Found) -> str:
    """A dot for each median, on a scale that grows tenfold at each line."""
    sizes, height = _sizes(found), _TOP + _ROW * len(found) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDE + 30} {height}" role="img"'
        ' aria-label="Milliseconds of finding products in shops of several sizes" font-family="sans-serif"'
        ' font-size="12">',
        "<style>text{fill:#24292f}line{stroke:#d0d7de}"
        "@media (prefers-color-scheme: dark){text{fill:#e6edf3}line{stroke:#484f58}}</style>",
    ]
    for place, size in enumerate(sizes):
        along = _LEFT + place * 140
        parts.append(f'<circle cx="{along}" cy="14" r="5" fill="{_COLOURS[place % 3]}"/>')
        parts.append(f'<text x="{along + 10}" y="18">{size:,} products</text>')
    for power in range(round(log10(_LEAST)), round(log10(_MOST)) + 1):
        at = _across(10.0**power)
        parts.append(f'<line x1="{at:.1f}" y1="{_TOP - 12}" x2="{at:.1f}" y2="{height - 10}"/>')
        parts.append(f'<text x="{at:.1f}" y="{_TOP - 18}" text-anchor="middle">{10.0**power:g} ms</text>')
    for row, (name, by_size) in enumerate(found.items()):
        down = _TOP + row * _ROW
        parts.append(f'<text x="{_LEFT - 14}" y="{down + 4}" text-anchor="end">{name}</text>')
        for place, size in enumerate(sizes):
            if size in by_size:
                at = _across(by_size[size].median)
                parts.append(f'<circle cx="{at:.1f}" cy="{down}" r="5" fill="{_COLOURS[place % 3]}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _across(milliseconds: float) -> float:
    held = min(max(milliseconds, _LEAST), _MOST)
    return _LEFT + _WIDE * (log10(held) - log10(_LEAST)) / (log10(_MOST) - log10(_LEAST))


def _sizes(found: Found) -> list[int]:
    return sorted({size for by_size in found.values() for size in by_size})
