"""What the stand-in holds: objects by kind and id, its events, and pages of lists."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.stripe.forms import Form, Kind, Refusal
from utils import clock

Thing = dict[str, Any]


class Endpoint(NamedTuple):
    """What can be asked: a pattern of paths whose groups are handed to the act, and the parameters it knows."""

    method: str
    path: str
    kinds: Mapping[str, Kind]
    act: Callable[..., Thing]


@dataclass
class Books:
    """Every object that was ever made, in the order of making."""

    things: dict[str, dict[str, Thing]] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def new_id(self, prefix: str) -> str:
        """An id that was never given before."""
        return f"{prefix}_standIn{next(self.numbers):06d}"

    def add(self, kind: str, thing_id: str, **facts: Any) -> Thing:
        """A new object."""
        thing = {"id": thing_id, "object": kind, "created": seconds(), "livemode": False, **facts}
        self.things.setdefault(kind, {})[thing_id] = thing
        return thing

    def all(self, kind: str) -> list[Thing]:
        """All objects of the kind, the newest first."""
        return list(reversed(self.things.get(kind, {}).values()))

    def get(self, kind: str, thing_id: str, *, param: str | None = None) -> Thing:
        """The object. Refuses an unknown one: 404 if the path named it, 400 if a parameter did."""
        found = self.things.get(kind, {}).get(thing_id)
        if found is None:
            message = f"No such {kind}: '{thing_id}'"
            raise Refusal(400 if param else 404, message, code="resource_missing", param=param or "id")
        return found

    def tell(self, name: str, thing: Thing) -> None:
        """Notes an event, with the object as it is now."""
        told = {"object": dict(thing)}
        self.events.append(
            {
                "id": self.new_id("evt"),
                "object": "event",
                "api_version": None,
                "created": seconds(),
                "data": told,
                "livemode": False,
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
                "type": name,
            }
        )

    def page(self, path: str, found: Iterable[Thing], form: Form) -> Thing:
        """A page of a list, the newest first."""
        things = list(found)
        limit = form.get("limit", 10)
        ids = [each["id"] for each in things]
        for name in ("starting_after", "ending_before"):
            if name in form and form[name] not in ids:
                raise Refusal(400, f"No such object: '{form[name]}'", code="resource_missing", param=name)
        if "ending_before" in form:
            before = things[: ids.index(form["ending_before"])]
            return _listed(path, before[-limit:], has_more=len(before) > limit)
        if "starting_after" in form:
            things = things[ids.index(form["starting_after"]) + 1 :]
        return _listed(path, things[:limit], has_more=len(things) > limit)


def seconds() -> int:
    """The present moment as Stripe writes it."""
    return int(clock.now().timestamp())


def expanded(books: Books, thing: Thing, form: Form, kinds: Mapping[str, str]) -> Thing:
    """A copy of the object in which the properties of `expand` stand whole."""
    copy = dict(thing)
    for name in form.get("expand", []):
        if name not in kinds:
            raise Refusal(400, f"This property cannot be expanded ({name}).", param="expand")
        if copy[name] is not None:
            copy[name] = dict(books.get(kinds[name], copy[name]))
    return copy


def _listed(path: str, things: list[Thing], *, has_more: bool) -> Thing:
    return {"object": "list", "url": path, "has_more": has_more, "data": [dict(each) for each in things]}
