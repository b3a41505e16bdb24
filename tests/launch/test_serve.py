"""`serve`: everything up or nothing, and nothing left behind, however it ends. With a stand-in for the shop itself."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from launch import LaunchError, Servers, connected, embedded_servers, serve
from launch.folder import claimed
from launch.processes import free_port
from launch.programs import address, refuse_taken_port
from tests.launch.running import PROJECT, command_of, family, program, read_until, still_alive
from utils.config import Settings

APP = """
import logging, sys
from types import SimpleNamespace

logging.basicConfig(stream=sys.stdout, level="INFO", format="%(name)s: %(message)s")


class App:
    extensions = {
        "shop": SimpleNamespace(database=SimpleNamespace(after_fork=lambda: print("FORKED", flush=True))),
        "answers": SimpleNamespace(tell_each_second=lambda: None),
    }

    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]


app = App()
"""

CELERY = """
import os
from celery import Celery

celery_app = Celery(broker=os.environ["REDIS_URL"])
celery_app.conf.update(task_default_queue="default", beat_schedule={"tick": {"task": "tick", "schedule": 0.2}})


@celery_app.task(name="tick")
def tick():
    os.write(1, f"TICK {os.getpid()}\\n".encode())  # Celery turns what is printed into lines of its log
"""

PREPARE = """
import os, sys
print("PREPARED", os.environ["DATABASE_URL"], os.environ["REDIS_URL"], flush=True)
sys.exit(os.path.exists("unprepared"))
"""

RUN = """
import json, sys
from pathlib import Path
from launch import serve
from utils.config import Settings

settings = Settings(**json.loads(sys.argv[1]))
here = Path(__file__).parent
sys.exit(serve(settings, prepare=["prepare.py"], welcome="WELCOME", with_parent=len(sys.argv) > 2, project=here))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder like the project's, with an app, a worker and a preparation that only say that they are there."""
    shutil.copy(PROJECT / "gunicorn.conf.py", tmp_path)
    (tmp_path / "workers").mkdir()
    for name, text in (
        ("app.py", APP),
        ("workers/__init__.py", ""),
        ("workers/celery_app.py", CELERY),
        ("prepare.py", PREPARE),
        ("run.py", RUN),
    ):
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Somebody's own servers, for runs that need not start any."""
    with embedded_servers(throw_away=True) as running:
        yield running


def settings_for(project: Path, servers: Servers | None = None) -> Settings:
    return Settings(
        port=free_port(),
        local_data_dir=project / "state",
        web_concurrency=1,
        database_url=servers and servers.database,
        redis_url=servers and servers.redis,
    )


@contextmanager
def running(project: Path, settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A run of its own, started as a shell's background job is: with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        given = {"port", "local_data_dir", "database_url", "redis_url"}
        with program(project / "run.py", settings.model_dump_json(include=given, exclude_none=True)) as process:
            yield process
    finally:
        signal.signal(signal.SIGINT, before)


def get_health(settings: Settings) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", settings.port, timeout=5)) as connection:
        connection.request("GET", "/health")
        return connection.getresponse().status


def rest_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    printed = process.stdout.read()
    process.wait(20)
    return printed


def test_all_of_it_runs_until_ctrl_c_and_nothing_is_left(project: Path) -> None:
    settings = settings_for(project)
    with running(project, settings) as process:
        printed = read_until(process, "WELCOME")
        assert "FORKED" in printed
        assert f"The shop is open at http://127.0.0.1:{settings.port} (Ctrl-C stops it).\n" in printed
        assert get_health(settings) == 200
        with connected(settings) as urls:  # a command typed beside it uses the same servers
            assert f"PREPARED {urls.database} {urls.redis}\n" in printed
        read_until(process, "TICK")

        assert serve(settings, prepare=[]) == 1  # a second one beside it

        children = family(process)
        process.send_signal(signal.SIGINT)
        assert "Stopping." in rest_of(process)
        assert process.returncode == 0
    assert still_alive(children, 0) == []
    assert not (project / "state" / "servers.json").exists()


def test_a_second_run_is_told_who_runs_already(
    project: Path, servers: Servers, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(project, servers)
    with running(project, settings) as process:
        read_until(process, "WELCOME")
        assert serve(settings, prepare=[]) == 1
        assert f"Another run (process {process.pid}) is using {settings.local_data_dir}." in capsys.readouterr().err
        process.terminate()
        rest_of(process)
        assert process.returncode == 0


def test_nothing_is_left_of_a_killed_run_and_the_next_starts_at_once(project: Path) -> None:
    settings = settings_for(project)
    with running(project, settings) as process:
        read_until(process, "TICK")
        children = family(process)
        process.kill()
        with running(project, settings) as following:
            read_until(following, "WELCOME")
            assert get_health(settings) == 200
            assert still_alive(children, 5) == []
            following.terminate()
            rest_of(following)


def test_it_ends_with_its_parent_if_asked_to(project: Path, servers: Servers) -> None:
    settings = settings_for(project, servers)
    parent = "import subprocess, sys; subprocess.Popen([sys.executable, *sys.argv[1:]]).wait()"
    (project / "parent.py").write_text(parent)
    given = settings.model_dump_json(include={"port", "local_data_dir", "database_url", "redis_url"})
    with program(project / "parent.py", str(project / "run.py"), given, "--with-parent") as process:
        read_until(process, "WELCOME")
        children = family(process)
        process.kill()
        assert still_alive(children, 15) == []


def test_a_dead_worker_is_started_again_and_a_dead_web_server_ends_the_run(project: Path, servers: Servers) -> None:
    settings = settings_for(project, servers)
    with running(project, settings) as process:
        first = read_until(process, "TICK").split()[-1]
        os.kill(int(first), signal.SIGKILL)
        read_until(process, "The worker died (exit status -9); starting it again.")
        assert read_until(process, "TICK").split()[-1] != first
        children = family(process)
        web = next(pid for pid in children if "gunicorn" in command_of(pid))
        os.kill(web, signal.SIGKILL)
        assert "The web server ended (exit status -9); see above." in rest_of(process)
        assert process.returncode == 1
    assert still_alive(children, 0) == []


def test_a_worker_that_always_dies_ends_the_run(project: Path, servers: Servers) -> None:
    (project / "workers" / "celery_app.py").write_text("raise SystemExit(3)")
    with running(project, settings_for(project, servers)) as process:
        assert "The worker died 5 times within a minute (exit status 3); see above." in rest_of(process)
        assert process.returncode == 1


def test_a_failed_preparation_ends_the_run_before_the_web_server_starts(project: Path, servers: Servers) -> None:
    (project / "unprepared").touch()
    with running(project, settings_for(project, servers)) as process:
        printed = rest_of(process)
    assert "`prepare.py` failed (exit status 1); see above." in printed
    assert "gunicorn" not in printed
    assert process.returncode == 1


def test_an_app_that_does_not_load_ends_the_run(project: Path, servers: Servers) -> None:
    (project / "app.py").write_text("raise RuntimeError('no shop today')")
    with running(project, settings_for(project, servers)) as process:
        printed = rest_of(process)
    assert "no shop today" in printed
    assert "The web server ended while starting (exit status " in printed
    assert process.returncode == 1


def test_a_taken_port_is_told_before_anything_is_started(project: Path) -> None:
    settings = settings_for(project)
    with socket.create_server(("127.0.0.1", settings.port)), running(project, settings) as process:
        printed = rest_of(process)
    assert f"Port {settings.port} is taken" in printed
    assert f"PORT={settings.port + 1} make run" in printed
    assert process.returncode == 1
    assert not (project / "state" / "postgres").exists()


@pytest.mark.parametrize(
    ("host", "told"),
    [("192.0.2.1", "Cannot listen on 192.0.2.1:"), ("no.such.host.invalid", "Cannot listen on no.such.host.invalid:")],
)
def test_an_address_that_is_not_ours_is_told(project: Path, host: str, told: str) -> None:
    with pytest.raises(LaunchError, match=told):
        refuse_taken_port(settings_for(project).model_copy(update={"host": host}))


def test_production_never_starts_servers_of_its_own(project: Path) -> None:
    settings = settings_for(project).model_copy(update={"environment": "production"})
    with pytest.raises(LaunchError, match="Production needs DATABASE_URL and REDIS_URL"), connected(settings):
        pass
    assert not (project / "state" / "postgres").exists()


def test_a_command_uses_the_servers_its_settings_name_else_starts_some(project: Path, servers: Servers) -> None:
    with connected(settings_for(project, servers)) as urls:
        assert urls.redis == servers.redis
        assert urls.servers == ()
    assert not (project / "state").exists()
    half = settings_for(project).model_copy(update={"database_url": servers.database})
    with connected(half) as urls:
        assert urls.database == servers.database
        assert [server.name for server in urls.servers] == ["valkey"]
        recorded = json.loads((project / "state" / "servers.json").read_text())
        assert recorded == {"database": urls.database, "redis": urls.redis}


def test_a_command_beside_a_run_that_is_only_starting_is_told_so(project: Path) -> None:
    settings = settings_for(project)
    with (
        claimed(settings.local_data_dir),
        pytest.raises(LaunchError, match="just starting or stopping"),
        connected(settings),
    ):
        pass


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:5000"),
        ("0.0.0.0", "http://127.0.0.1:5000"),
        ("::", "http://[::1]:5000"),
        ("shop.example", "http://shop.example:5000"),
    ],
)
def test_the_address_is_one_a_browser_can_open(host: str, expected: str) -> None:
    assert address(Settings(host=host)) == expected
