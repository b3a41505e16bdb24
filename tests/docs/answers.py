"""Compares an answer with the one a page shows, where `...` stands for what differs from run to run."""

from __future__ import annotations

from typing import Any


def differences(shown: Any, actual: Any, path: str = "answer") -> list[str]:
    """Every place where `actual` is not what the page shows; a shown text that ends in `...` shows a beginning."""
    if isinstance(shown, dict) and isinstance(actual, dict):
        if list(shown) != list(actual):
            return [f"{path}: shown are the names {list(shown)}, there are {list(actual)}"]
        return [line for name in shown for line in differences(shown[name], actual[name], f"{path}.{name}")]
    if isinstance(shown, list) and isinstance(actual, list):
        if len(shown) != len(actual):
            return [f"{path}: shown are {len(shown)} members, there are {len(actual)}"]
        pairs = enumerate(zip(shown, actual, strict=True))
        return [line for at, (one, other) in pairs for line in differences(one, other, f"{path}[{at}]")]
    if isinstance(shown, str) and shown.endswith("...") and isinstance(actual, str):
        return [] if actual.startswith(shown.removesuffix("...")) else [f"{path}: {actual!r} begins otherwise"]
    return [] if shown == actual else [f"{path}: shown is {shown!r}, there is {actual!r}"]


def taken(actual: Any, path: str) -> str:
    """The text at a path such as `getProducts.0.productId` of an answer's data."""
    found = actual["data"]
    for step in path.split("."):
        found = found[int(step) if isinstance(found, list) else step]
    return str(found)
