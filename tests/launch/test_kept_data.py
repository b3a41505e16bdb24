"""A folder of data: one process at a time, nothing left running by a killed one, nothing lost."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from launch import LaunchError, embedded_servers
from tests.launch.running import PROJECT, command_of, family, program, read_until, still_alive, ways

HOLD = """
import json, sys, time
from launch import embedded_servers

with embedded_servers(sys.argv[1]) as servers:
    pids = [servers.postgres.pid, servers.valkey.pid]
    print("UP", json.dumps({"database": servers.database, "pids": pids}), flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for data that every user may get to; pytest's own let only its owner in."""
    with tempfile.TemporaryDirectory(prefix="shop-test-") as place:
        Path(place).chmod(0o755)
        data = Path(place, "data")
        data.mkdir(mode=0o700)
        yield data


@contextlib.contextmanager
def holder(folder: Path, way: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Another process with servers over the folder."""
    script = folder.parent / "hold.py"
    script.write_text(HOLD)
    if way == "user" and os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    with program(script, str(folder), way=way) as process:
        printed = read_until(process, "UP ")
        children = family(process)
        yield process, json.loads(printed.rpartition("UP ")[2])
    # The folder is removed next: nobody may still be writing in it.
    assert still_alive(children, 10) == []


@pytest.mark.parametrize("way", ways())
def test_nothing_is_left_of_a_killed_one_and_nothing_is_lost(folder: Path, way: str) -> None:
    with holder(folder, way) as (process, told):
        connection = psycopg2.connect(told["database"])
        with contextlib.closing(connection), connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        children = family(process)
        assert set(told["pids"]) < set(children)
        process.kill()
        with holder(folder, way) as (_, told):  # at once: it has to wait for what is left of the other
            assert still_alive(children, 10) == []
            connection = psycopg2.connect(told["database"])
            with contextlib.closing(connection), connection, connection.cursor() as cursor:
                cursor.execute("SELECT answer FROM kept")
                assert cursor.fetchone() == (42,)


if sys.platform == "linux":  # no other kernel tells children of their parent's death

    @pytest.mark.parametrize("way", ways())
    def test_the_kernel_alone_ends_the_servers_of_a_killed_process(folder: Path, way: str) -> None:
        with holder(folder, way) as (process, told):
            children = family(process)
            keeper = next(pid for pid in children if "keeper.py" in command_of(pid))
            os.kill(keeper, signal.SIGKILL)
            process.kill()
            assert set(told["pids"]) < set(children)
            assert still_alive(children, 10) == []


def test_a_second_process_is_refused_and_told_who_holds_the_folder(folder: Path) -> None:
    with holder(folder, ways()[-1]) as (process, _):
        expected = rf"Another run \(process {process.pid}\) is using .+LOCAL_DATA_DIR"
        with pytest.raises(LaunchError, match=expected), embedded_servers(folder):
            pass


def test_a_stale_pid_file_with_the_number_of_a_living_process_does_no_harm(folder: Path) -> None:
    with embedded_servers(folder) as servers:
        data = servers.folder / "postgres"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n15432\n\n127.0.0.1\n\nready   \n")
    with embedded_servers(folder) as servers:
        assert servers.postgres.pid != os.getpid()


def test_a_data_folder_cut_off_while_it_was_made_is_made_again(folder: Path) -> None:
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    with embedded_servers(folder) as servers:
        assert (servers.folder / "postgres" / "PG_VERSION").exists()


def test_the_password_stays_and_only_the_owner_can_read_it(folder: Path) -> None:
    with embedded_servers(folder) as servers:
        first = servers.postgres.password
    with embedded_servers(folder) as servers:
        assert servers.postgres.password == first
    assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
    (folder / "password").unlink()
    with pytest.raises(LaunchError, match="does not accept the password"), embedded_servers(folder):
        pass


def test_a_folder_we_may_not_write_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError, match=r"Cannot keep data in .+LOCAL_DATA_DIR"), embedded_servers(tmp_path / "file"):
        pass


def test_the_keeper_ends_a_group_whose_leader_alone_obeys() -> None:
    """What macOS relies on, and what becomes of a pool whose parent was killed: no kernel ties these processes."""
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('UP', flush=True); time.sleep(60)"
    )
    leader = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {stubborn!r}]).wait()"
    with (
        subprocess.Popen(
            [sys.executable, "-c", leader], stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process,
        subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROJECT / "launch" / "keeper.py"), "0.2"], stdin=subprocess.PIPE, text=True
        ) as keeper,
    ):
        read_until(process, "UP")
        members = [process.pid, *family(process)]
        assert len(members) == 2
        keeper.communicate(f"+{process.pid} {int(signal.SIGTERM)}\n+1234567 15\n-1234567\n", timeout=10)
        assert still_alive(members, 5) == []
