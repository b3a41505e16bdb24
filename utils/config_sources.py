"""Gathers the raw settings of the process environment, `.env` and `.env.<environment>`, each with its source."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dotenv.parser import Binding, parse_stream

PROCESS = "the process environment"
ENVIRONMENTS = ("development", "production", "test")
DEFAULT_ENVIRONMENT = "development"

# A server is named by one URL or by its parts; the host among the parts is what makes them a choice of their own.
_FORMS = (
    ("DATABASE_URL", "DB_HOST", ("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD")),
    ("REDIS_URL", "REDIS_HOST", ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD")),
)


class SettingsError(Exception):
    """The settings are wrong: one message for a person, naming each variable and what is allowed, and no secret."""


class Found(NamedTuple):
    """One raw value: the variable it stood under, its text, and where it was read."""

    variable: str
    text: str
    source: str


Layer = dict[str, Found]


def gather(environ: Mapping[str, str], folder: Path, names: Iterable[str]) -> Layer:
    """The raw value of each of `names` that is set: the process environment before `.env` before `.env.<environment>`.

    An empty value is not set. FLASK_ENV stands for ENVIRONMENT; one place that sets both, differently, is refused.
    Refuses (SettingsError) a file it cannot read, a line that is not NAME=value, and an unknown environment.
    """
    known = {*names, "FLASK_ENV"}
    shared = _from_file(folder / ".env", known)
    # `flask run` copies `.env` into the process environment before this program sees it. What is equal in both is
    # counted as the file's, so that the answer is the same however the program was started.
    process = {
        name: Found(name, environ[name], PROCESS)
        for name in known
        if environ.get(name) and (name not in shared or shared[name].text != environ[name])
    }
    upper = [_one_environment(process), _one_environment(shared)]
    chosen = _environment(upper)
    lower = _one_environment(_from_file(folder / f".env.{chosen}", known))
    if "ENVIRONMENT" in lower and lower["ENVIRONMENT"].text != chosen:
        found = lower["ENVIRONMENT"]
        raise SettingsError(
            f"{found.variable}={found.text!r} in {found.source}: that file is read because the environment is "
            f"{chosen}; it may name no other. Choose in the process environment or in .env."
        )
    layers = [*upper, lower]
    joined: Layer = {}
    for layer in reversed(layers):
        joined |= layer
    return {name: found for name, found in joined.items() if name not in _set_aside(layers)}


def _from_file(path: Path, known: set[str]) -> Layer:
    """The known, non-empty settings of one file; nothing if there is no such file."""
    try:
        with path.open(encoding="utf-8") as file:
            bindings = list(parse_stream(file))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"{path.name} cannot be read: {reason}.") from None
    return {each.variable: each for binding in bindings if (each := _read(binding, path.name, known))}


def _read(binding: Binding, source: str, known: set[str]) -> Found | None:
    if binding.error:
        text = binding.original.string
        line = binding.original.line + len(text[: len(text) - len(text.lstrip())].splitlines())
        raise SettingsError(f"{source}, line {line}: allowed is NAME=value, a comment or an empty line.")
    if binding.key not in known or not binding.value:
        return None
    if "${" in binding.value:
        # Some programs expand it and others do not; then one file would mean two things.
        raise SettingsError(f"{binding.key} in {source}: ${{...}} is not expanded in this file; write the value out.")
    return Found(binding.key, binding.value, source)


def _one_environment(layer: Layer) -> Layer:
    """The layer with FLASK_ENV under its own name, ENVIRONMENT."""
    alias, name = layer.get("FLASK_ENV"), layer.get("ENVIRONMENT")
    if alias and name and alias.text != name.text:
        raise SettingsError(
            f"ENVIRONMENT={name.text!r} and FLASK_ENV={alias.text!r} differ in {name.source}: "
            "they are two names of one setting; set one of them."
        )
    rest = {key: found for key, found in layer.items() if key != "FLASK_ENV"}
    return {"ENVIRONMENT": alias} | rest if alias else rest


def _environment(layers: Sequence[Layer]) -> str:
    for layer in layers:
        if found := layer.get("ENVIRONMENT"):
            if found.text not in ENVIRONMENTS:
                raise SettingsError(
                    f"{found.variable}={found.text!r} in {found.source}: allowed is {', '.join(ENVIRONMENTS)}."
                )
            return found.text
    return DEFAULT_ENVIRONMENT


def _set_aside(layers: Sequence[Layer]) -> set[str]:
    """The names of each pair of forms that lost: the first layer to name a server decides, its URL before its parts."""
    aside: set[str] = set()
    for url, host, parts in _FORMS:
        for layer in layers:
            if url in layer:
                aside.update(parts)
                break
            if host in layer:
                aside.add(url)
                break
    return aside
