"""Where settings come from: every order of precedence, the aliases, and what is said about a bad file."""

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from utils.config import PROJECT, VARIABLES, SettingsError, load_settings

SOURCES = ("process", ".env", ".env.test")


def write(folder: Path, name: str, *lines: str) -> None:
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def refusal(folder: Path, **variables: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(variables, folder)
    return str(refused.value)


@pytest.mark.parametrize("present", [each for n in range(4) for each in combinations(SOURCES, n)], ids=" ".join)
def test_the_first_place_that_sets_it_wins(tmp_path: Path, present: tuple[str, ...]) -> None:
    ports = {"process": "6001", ".env": "6002", ".env.test": "6003"}
    for name in (".env", ".env.test"):
        if name in present:
            write(tmp_path, name, f"PORT={ports[name]}")
    process = {"PORT": ports["process"]} if "process" in present else {}

    found = load_settings({"ENVIRONMENT": "test"} | process, tmp_path)

    assert found.port == (int(ports[present[0]]) if present else 5000)


@pytest.mark.parametrize("present", [each for n in (1, 2, 3) for each in combinations(SOURCES, n)], ids=" ".join)
def test_an_empty_value_is_not_set(tmp_path: Path, present: tuple[str, ...]) -> None:
    write(tmp_path, ".env", *["PORT="] * (".env" in present))
    write(tmp_path, ".env.test", *['PORT=""' if ".env.test" in present else "PORT=6003"])

    found = load_settings({"ENVIRONMENT": "test"} | ({"PORT": ""} if "process" in present else {}), tmp_path)

    assert found.port == (5000 if ".env.test" in present else 6003)


@pytest.mark.parametrize("name", ["ENVIRONMENT", "FLASK_ENV"])
@pytest.mark.parametrize("environment", ["development", "production", "test"])
def test_the_environment_and_its_alias_choose_the_file(tmp_path: Path, name: str, environment: str) -> None:
    for each, port in (("development", 6001), ("production", 6002), ("test", 6003)):
        write(
            tmp_path,
            f".env.{each}",
            f"PORT={port}",
            "DATABASE_URL=postgresql://db/shop",
            "REDIS_HOST=cache",
            f"JWT_SECRET={'s' * 32}",
            "PUBLIC_URL=https://shop.example",
            "MAIL_PROVIDER=sendgrid",
            "SENDGRID_API_KEY=key",
            "MAIL_FROM=shop@shop.example",
        )

    found = load_settings({name: environment}, tmp_path)

    assert (found.environment, found.port) == (
        environment,
        {"development": 6001, "production": 6002, "test": 6003}[environment],
    )


@pytest.mark.parametrize("name", ["ENVIRONMENT", "FLASK_ENV"])
def test_env_itself_may_choose_the_environment(tmp_path: Path, name: str) -> None:
    write(tmp_path, ".env", f"{name}=test")
    write(tmp_path, ".env.test", "PORT=6003")

    found = load_settings({}, tmp_path)

    assert (found.environment, found.port) == ("test", 6003)


@pytest.mark.parametrize("upper", ["ENVIRONMENT", "FLASK_ENV"])
@pytest.mark.parametrize("lower", ["ENVIRONMENT", "FLASK_ENV"])
def test_the_process_chooses_the_environment_before_env(tmp_path: Path, upper: str, lower: str) -> None:
    write(tmp_path, ".env", f"{lower}=development")

    assert load_settings({upper: "test"}, tmp_path).environment == "test"


def test_without_a_choice_the_development_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, ".env.development", "PORT=6001")
    write(tmp_path, ".env.production", "PORT=6002")

    assert load_settings({}, tmp_path).port == 6001


def test_both_names_may_say_the_same(tmp_path: Path) -> None:
    assert load_settings({"ENVIRONMENT": "test", "FLASK_ENV": "test"}, tmp_path).environment == "test"


def test_two_names_that_differ_in_the_process_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, ENVIRONMENT="test", FLASK_ENV="production") == (
        "ENVIRONMENT='test' and FLASK_ENV='production' differ in the process environment: "
        "they are two names of one setting; set one of them."
    )


def test_two_names_that_differ_in_a_file_are_refused(tmp_path: Path) -> None:
    write(tmp_path, ".env", "ENVIRONMENT=test", "FLASK_ENV=production")

    assert refusal(tmp_path) == (
        "ENVIRONMENT='test' and FLASK_ENV='production' differ in .env: "
        "they are two names of one setting; set one of them."
    )


@pytest.mark.parametrize("name", ["ENVIRONMENT", "FLASK_ENV"])
@pytest.mark.parametrize("environment", ["staging", "Production", "production "])
def test_an_unknown_environment_is_refused(tmp_path: Path, name: str, environment: str) -> None:
    assert refusal(tmp_path, **{name: environment}) == (
        f"{name}={environment!r} in the process environment: allowed is development, production, test."
    )


def test_the_chosen_file_may_not_choose_another(tmp_path: Path) -> None:
    write(tmp_path, ".env.production", "FLASK_ENV=development")

    assert refusal(tmp_path, ENVIRONMENT="production") == (
        "FLASK_ENV='development' in .env.production: that file is read because the environment is production; "
        "it may name no other. Choose in the process environment or in .env."
    )


def test_the_chosen_file_may_repeat_the_choice(tmp_path: Path) -> None:
    write(tmp_path, ".env.test", "ENVIRONMENT=test", "PORT=6003")

    assert load_settings({"FLASK_ENV": "test"}, tmp_path).port == 6003


URL, PARTS = "postgresql://by-url/shop", ("DB_HOST=by-parts", "DB_NAME=shop", "DB_USER=me")
BY_URL, BY_PARTS = "postgresql+psycopg2://by-url/shop", "postgresql+psycopg2://me@by-parts:5432/shop"


def test_in_one_place_the_url_comes_before_the_parts(tmp_path: Path) -> None:
    write(tmp_path, ".env", f"DATABASE_URL={URL}", *PARTS, "REDIS_HOST=by-parts", "REDIS_URL=redis://by-url")

    found = load_settings({}, tmp_path)

    assert (found.database_url, found.redis_url) == (BY_URL, "redis://by-url")
    assert (found.db_host, found.redis_host) == (None, None)


def test_the_first_place_that_names_a_server_decides_by_parts(tmp_path: Path) -> None:
    write(tmp_path, ".env", f"DATABASE_URL={URL}", "REDIS_URL=redis://by-url")
    process = dict(part.split("=") for part in PARTS) | {"REDIS_HOST": "by-parts"}

    found = load_settings(process, tmp_path)

    assert (found.database_url, found.redis_url) == (BY_PARTS, "redis://by-parts:6379/0")


def test_the_first_place_that_names_a_server_decides_by_url(tmp_path: Path) -> None:
    write(tmp_path, ".env", *PARTS, "REDIS_HOST=by-parts")

    found = load_settings({"DATABASE_URL": URL, "REDIS_URL": "redis://by-url"}, tmp_path)

    assert (found.database_url, found.redis_url) == (BY_URL, "redis://by-url")


def test_the_parts_may_come_from_several_places(tmp_path: Path) -> None:
    write(tmp_path, ".env.development", *PARTS, "DB_PASSWORD=old")

    found = load_settings({"DB_PASSWORD": "new"}, tmp_path)

    assert found.database_url == "postgresql+psycopg2://me:new@by-parts:5432/shop"


def test_parts_that_lost_to_a_url_are_not_even_checked(tmp_path: Path) -> None:
    """Some clusters set REDIS_PORT=tcp://10.0.0.1:6379 for every service of that name."""
    found = load_settings({"REDIS_URL": "redis://by-url", "REDIS_PORT": "tcp://10.0.0.1:6379"}, tmp_path)

    assert found.redis_url == "redis://by-url"


lines = st.dictionaries(
    st.sampled_from(["PORT", "DATABASE_URL", "DB_HOST", "DB_NAME", "DB_USER", "ENVIRONMENT", "FLASK_ENV"]),
    st.sampled_from(["", "6001", "6002", URL, "postgresql://other/shop", "test", "production", "development"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(process=lines, env=lines, lower=lines)
def test_flask_run_finds_the_same(
    tmp_path: Path, process: dict[str, str], env: dict[str, str], lower: dict[str, str]
) -> None:
    """`flask run` copies `.env` into the process environment before the program starts; gunicorn does not."""
    write(tmp_path, ".env", *(f"{name}={text}" for name, text in env.items()))
    write(tmp_path, ".env.test", *(f"{name}={text}" for name, text in lower.items()))

    def outcome(environ: dict[str, str]) -> object:
        try:
            return load_settings(environ, tmp_path)
        except SettingsError as refused:
            return str(refused)

    assert outcome(env | process) == outcome(process)


def test_what_else_stands_in_the_files_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, ".env", "# a comment", "", "POSTGRES_PASSWORD=${OTHER}", "export PORT=6002  # why", "WEB_THREADS")

    found = load_settings({"PATH": "/bin", "port": "1"}, tmp_path)

    assert (found.port, found.web_threads) == (6002, 8)


def test_quotes_and_a_byte_order_mark(tmp_path: Path) -> None:
    write(tmp_path, ".env", "\ufeffDB_HOST='db'", 'DB_NAME="my shop"', "DB_USER=me", "DB_PASSWORD='a#b $c'")

    assert load_settings({}, tmp_path).database_url == "postgresql+psycopg2://me:a%23b%20%24c@db:5432/my%20shop"


@pytest.mark.parametrize(
    ("text", "line"), [("PORT='6002\n", 1), ("PORT=6002\n\n=x\n", 3), ('# one\nPORT=6002\nHOST="a\n', 3)]
)
def test_a_line_that_is_not_a_setting_is_refused(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / ".env").write_text(text)

    assert refusal(tmp_path) == f".env, line {line}: allowed is NAME=value, a comment or an empty line."


def test_what_some_programs_would_expand_is_refused(tmp_path: Path) -> None:
    write(tmp_path, ".env", "JWT_SECRET=hidden-${USER}")

    assert refusal(tmp_path) == "JWT_SECRET in .env: ${...} is not expanded in this file; write the value out."


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=\xff\n")

    assert refusal(tmp_path) == ".env cannot be read: it is not UTF-8 text."


def test_a_folder_in_the_file_s_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env.development").mkdir()

    assert refusal(tmp_path) == ".env.development cannot be read: Is a directory."


def example(*, uncommented: bool) -> str:
    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    rows = text.splitlines()
    return "\n".join(row[1:] if uncommented and _is_setting(row) else row for row in rows)


def _is_setting(row: str) -> bool:
    return row.startswith("#") and row[1:].split("=")[0].replace("_", "").isupper() and "=" in row


def test_the_example_file_changes_nothing_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(example(uncommented=False))

    assert load_settings({}, tmp_path) == load_settings({}, tmp_path / "nowhere")


def test_the_example_file_names_exactly_the_settings(tmp_path: Path) -> None:
    (tmp_path / "all").write_text(example(uncommented=True))
    names = [row[1:].split("=")[0] for row in example(uncommented=False).splitlines() if _is_setting(row)]

    assert sorted(names) == sorted([*VARIABLES, "FLASK_ENV"])
    assert sorted(dotenv_values(tmp_path / "all")) == sorted(names)


def test_every_setting_of_the_example_has_its_line_of_why() -> None:
    rows = example(uncommented=False).splitlines()
    bare = [row for before, row in pairwise(rows) if _is_setting(row) and not before.startswith("# ")]

    assert [row for row in bare if not row.startswith("#JWT_SECRET=")] == []


def test_the_values_of_the_example_load_and_are_the_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(example(uncommented=True))

    found, default = load_settings({}, tmp_path), load_settings({}, tmp_path / "nowhere")

    changed = {name for name in type(found).model_fields if getattr(found, name) != getattr(default, name)}
    assert changed == {"database_url", "redis_url", "own_cache_redis_url", "own_celery_broker_url", "jwt_secret"}
    assert found.database_url == "postgresql+psycopg2://ecommerce_user:ecommerce_pass@localhost:5432/ecommerce"
    assert found.redis_url == found.cache_redis_url == found.celery_broker_url == "redis://localhost:6379/0"


def test_the_parts_in_the_example_say_the_same_as_its_urls(tmp_path: Path) -> None:
    rows = [row for row in example(uncommented=True).splitlines() if not row.startswith(("DATABASE_URL", "REDIS_URL"))]
    write(tmp_path, ".env", *rows)

    found = load_settings({}, tmp_path)

    assert found.database_url == "postgresql+psycopg2://ecommerce_user:ecommerce_pass@localhost:5432/ecommerce"
    assert found.redis_url == "redis://:redis-pass@localhost:6379/0"
