"""What Stripe's API is asked: forms with brackets, and which parameters an endpoint knows."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

Form = dict[str, Any]
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


class Refusal(Exception):
    """An answer that is an error, in Stripe's form."""

    def __init__(self, status: int, message: str, *, kind: str = "invalid_request_error", **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **{k: v for k, v in more.items() if v is not None}}}


class Kind(NamedTuple):
    """How a parameter is read. An empty text takes a value away, where that is allowed."""

    read: Callable[[str, Any], Any]
    needed: bool = False
    may_be_empty: bool = False


def parse(text: str) -> Form:
    """The parameters of a form or a query: `a[b]=1` is {"a": {"b": "1"}}, `a[0]=1` and `a[]=1` are {"a": ["1"]}."""
    form: Form = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        found = _NAME.fullmatch(name)
        if found is None:
            raise Refusal(400, f"Invalid parameter name: {name}", code="parameter_unknown", param=name)
        _put(form, [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])], value)
    return {name: _with_lists(value) for name, value in form.items()}


def checked(form: Form, kinds: Mapping[str, Kind]) -> Form:
    """The parameters as they are read. Refuses unknown ones, missing ones, and values that are none."""
    for name in form:
        if name not in kinds:
            raise Refusal(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    for name, kind in kinds.items():
        if kind.needed and name not in form:
            raise Refusal(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    return {name: _read(name, kinds[name], value) for name, value in form.items()}


def text(longest: int = 5000, *, needed: bool = False, may_be_empty: bool = False) -> Kind:
    """A text of at most so many characters."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise Refusal(400, f"Invalid string: must be at most {longest} characters", param=name)
        return value

    return Kind(read, needed, may_be_empty)


def one_of(*words: str) -> Kind:
    """One of these words."""

    def read(name: str, value: Any) -> str:
        if value not in words:
            raise Refusal(400, f"Invalid {name}: must be one of {', '.join(words)}", param=name)
        return str(value)

    return Kind(read)


def whole(least: int = 0, most: int = 10**12, *, needed: bool = False) -> Kind:
    """A whole number in these bounds."""

    def read(name: str, value: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]+", value) or not least <= int(value) <= most:
            raise Refusal(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        return int(value)

    return Kind(read, needed)


def _flag(name: str, value: Any) -> bool:
    if value not in ("true", "false"):
        raise Refusal(400, f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refusal(400, f"Invalid array: {name}", param=name)
    return value


def _facts(name: str, value: Any) -> dict[str, str]:
    wrong = not isinstance(value, dict) or len(value) > 50
    if wrong or any(not isinstance(each, str) or len(each) > 500 or len(key) > 40 for key, each in value.items()):
        raise Refusal(400, f"Invalid {name}: 50 keys of 40 characters with 500 characters each", param=name)
    return dict(value)


FLAG, TEXTS, FACTS = Kind(_flag), Kind(_texts), Kind(_facts, may_be_empty=True)
PAGE = {"limit": whole(1, 100), "starting_after": text(), "ending_before": text(), "expand": TEXTS}


def group(**kinds: Kind) -> Kind:
    """Parameters below a name."""

    def read(name: str, value: Any) -> Form:
        if not isinstance(value, dict):
            raise Refusal(400, f"Invalid object: {name}", param=name)
        return checked(value, kinds)

    return Kind(read)


def with_facts(old: Mapping[str, str], new: Mapping[str, str] | str) -> dict[str, str]:
    """Metadata after a change: empty values are taken away, and an empty text takes all."""
    if isinstance(new, str):
        return {}
    return {name: value for name, value in {**old, **new}.items() if value}


def _read(name: str, kind: Kind, value: Any) -> Any:
    if value == "":
        if kind.may_be_empty:
            return ""
        message = f"You passed an empty string for '{name}', which cannot be unset."
        raise Refusal(400, message, code="parameter_invalid_empty", param=name)
    return kind.read(name, value)


def _put(into: Form, names: list[str], value: str) -> None:
    name, *rest = names
    if not name:
        name = str(len(into))
    if not rest:
        into[name] = value
        return
    below = into.setdefault(name, {})
    if not isinstance(below, dict):
        raise Refusal(400, f"Invalid object: {name}", param=name)
    _put(below, rest, value)


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_with_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _with_lists(each) for key, each in value.items()}
