"""Figures: what was measured, how it compares with its target, and how people and programs read it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

RESULTS = Path(__file__).resolve().parent / "results.jsonl"


@dataclass(frozen=True, slots=True)
class Target:
    """A bound that a figure should keep: at least so much, or less than so much."""

    bound: float
    kind: Literal["at least", "below"]

    def is_met(self, value: float) -> bool:
        """Whether the value keeps the bound."""
        return value >= self.bound if self.kind == "at least" else value < self.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured. `against` names the yardstick or the circumstances; `remark` is for people only."""

    name: str
    value: float
    unit: Literal["ratio", "ms", "MB", "s", "count"]
    against: str
    remark: str = ""
    target: Target | None = None

    @property
    def shown(self) -> str:
        """The value with its unit, as the table shows it."""
        if self.unit == "count":
            return f"{self.value:.0f}"
        return f"{self.value:.2f}" + ("" if self.unit == "ratio" else f" {self.unit}")

    @property
    def verdict(self) -> str:
        """The target and whether it was met; nothing for a figure that has none."""
        if self.target is None:
            return ""
        return f"{self.target.kind} {self.target.bound:g}: {'met' if self.target.is_met(self.value) else 'MISSED'}"


def as_table(figures: Sequence[Figure]) -> str:
    """The figures as lines of equal columns."""
    head = ("figure", "value", "target", "against", "")
    rows = [head, *((each.name, each.shown, each.verdict, each.against, each.remark) for each in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def write(figures: Sequence[Figure]) -> None:
    """Puts the figures into bench/results.jsonl, one line of JSON each, in place of an earlier run's."""
    lines = [
        json.dumps({"name": each.name, "value": round(each.value, 4), "unit": each.unit, "against": each.against})
        for each in figures
    ]
    RESULTS.write_text("".join(f"{line}\n" for line in lines))
