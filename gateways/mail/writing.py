"""Puts a letter into words, from its two templates in templates/mail."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates" / "mail"
# What a template asks for and was not given is a fault of ours, and no letter goes out with a hole in it.
_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


class Words(NamedTuple):
    """A letter as people read it."""

    subject: str
    text: str
    html: str


def written(letter: str, values: Mapping[str, object]) -> Words:
    """The letter of this name. The first line of its text template is the subject.

    Raises jinja2's errors for a letter without templates and for a value that is missing.
    """
    subject, _, text = _environment.get_template(f"{letter}.txt").render(values).partition("\n")
    html = _environment.get_template(f"{letter}.html").render({**values, "subject": subject})
    return Words(subject.strip(), text.strip() + "\n", html)
