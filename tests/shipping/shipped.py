"""Reads the shipping files the way Docker, compose and Render read them, as far as the rules here need it."""

import json
import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile: its word in capitals, and the rest on one line."""

    word: str
    rest: str

    @property
    def paths(self) -> list[str]:
        """The sources of a COPY from the build's folder; none for a COPY from another stage."""
        words = self.rest.split()
        return [] if words[0].startswith("--from=") else words[:-1]

    def json(self) -> list[str]:
        """The words of a command in exec form."""
        words: list[str] = json.loads(self.rest[self.rest.index("[") :])
        return words


@cache
def dockerfile() -> dict[str, list[Instruction]]:
    """The Dockerfile's stages by name, each with its instructions, FROM first."""
    text = "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    stages: dict[str, list[Instruction]] = {}
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if not line.strip():
            continue
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            stage = stages.setdefault(rest.rpartition(" AS ")[2], [])
        stage.append(Instruction(word, rest))
    return stages


def only(stage: str, word: str) -> Instruction:
    """The one instruction of this word in a stage."""
    [found] = [each for each in dockerfile()[stage] if each.word == word]
    return found


def copied() -> set[str]:
    """What the final image gets of this folder, without trailing slashes."""
    return {path.rstrip("/") for each in dockerfile()["final"] if each.word == "COPY" for path in each.paths}


def image_environment() -> dict[str, str]:
    """The environment variables that the final image sets."""
    return dict(word.split("=", 1) for word in shlex.split(only("final", "ENV").rest))


@cache
def read_yaml(name: str) -> dict[str, Any]:
    """The content of a YAML file of the project, merge keys resolved."""
    content: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return content


def interpolated(text: str, variables: dict[str, str]) -> str:
    """A value of a compose file with ${NAME:-default} (also one inside another) and $$ replaced as compose does."""
    innermost = re.compile(r"\$\{(\w+):-([^${}]*)\}")
    while (match := innermost.search(text)) is not None:
        text = text.replace(match[0], variables.get(match[1]) or match[2])
    return text.replace("$$", "$")
