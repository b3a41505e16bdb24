"""The compose files: valid, started in order, healthy or restarted, one beat, and settings that the program knows."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.bin.base import CLIContext
from celery.bin.worker import worker

from tests.shipping.shipped import ROOT, copied, image_environment, interpolated, only, read_yaml
from utils.config import VARIABLES, Settings, SettingsError, load_settings

NAMES = ("docker-compose.yml", "docker-compose.override.yml")
OURS = ("migrate", "web", "worker")
HEALTHY, DONE = {"condition": "service_healthy"}, {"condition": "service_completed_successfully"}


def services(name: str = "docker-compose.yml") -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(name)["services"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_file_keeps_to_the_compose_specification(name: str) -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]

    done = subprocess.run([*checker, ROOT / name], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n"), done.stdout


def test_the_services() -> None:
    assert list(services()) == ["postgres", "redis", "migrate", "web", "worker"]


def test_the_images_of_others_are_pinned_by_their_major_version() -> None:
    assert {name: each["image"] for name, each in services().items()} == {
        "postgres": "postgres:15",
        "redis": "redis:7",
        "migrate": "commerce-backend",
        "web": "commerce-backend",
        "worker": "commerce-backend",
    }
    assert {name for name, each in services().items() if each.get("build") == "."} == set(OURS)


def test_everything_starts_in_order() -> None:
    after_all = {"migrate": DONE, "postgres": HEALTHY, "redis": HEALTHY}

    assert {name: each.get("depends_on") for name, each in services().items()} == {
        "postgres": None,
        "redis": None,
        "migrate": {"postgres": HEALTHY},
        "web": after_all,
        "worker": after_all,
    }


def test_what_runs_for_long_is_restarted_and_has_a_health_check() -> None:
    assert {name: each["restart"] for name, each in services().items()} == {
        "postgres": "unless-stopped",
        "redis": "unless-stopped",
        "migrate": "no",
        "web": "unless-stopped",
        "worker": "unless-stopped",
    }
    checks = {name: each.get("healthcheck", {}).get("test", "image") for name, each in services().items()}
    assert checks == {
        "postgres": ["CMD-SHELL", 'pg_isready --host 127.0.0.1 --username "$$POSTGRES_USER" --dbname "$$POSTGRES_DB"'],
        "redis": ["CMD-SHELL", 'test "$$(redis-cli ping)" = PONG'],
        "migrate": "image",
        "web": "image",
        "worker": [
            "CMD-SHELL",
            'celery -A workers.celery_app:celery_app inspect ping --destination "celery@$$HOSTNAME"',
        ],
    }
    assert services()["migrate"]["healthcheck"] == {"disable": True}
    assert only("final", "HEALTHCHECK")


def test_the_migration_runs_once_by_the_documented_command() -> None:
    assert services()["migrate"]["command"] == "python init_db.py"


def test_the_web_server_is_the_image_s_own() -> None:
    assert "command" not in services()["web"]


def test_the_worker_s_command_is_one_that_celery_takes() -> None:
    command = shlex.split(services()["worker"]["command"])
    assert command[:4] == ["celery", "-A", "workers.celery_app:celery_app", "worker"]

    context = CLIContext(app=Celery(broker="memory://"), no_color=True, workdir=None)
    options = worker.make_context("worker", command[4:], obj=context).params

    assert options["beat"] is True
    assert options["queues"] == ["default", "mail"]
    # The only folder of the image that the program may write to.
    assert options["schedule_filename"] == f"{image_environment()['LOCAL_DATA_DIR']}/beat-schedule"


def test_there_is_exactly_one_beat() -> None:
    commands = [
        f"{name}: {part}"
        for file in NAMES
        for name, each in services(file).items()
        for part in shlex.split(str(each.get("command", "")))
        if part in ("--beat", "-B", "beat")
    ]

    assert commands == ["worker: --beat"]
    assert [name for name, each in services().items() if "deploy" in each or "scale" in each] == []


def test_only_the_web_server_is_published_and_to_this_machine_only() -> None:
    published = {name: each["ports"] for name, each in services().items() if "ports" in each}

    assert published == {"web": ["127.0.0.1:${PORT:-5000}:5000"]}
    assert image_environment()["PORT"] == "5000"


def test_data_outlives_its_container() -> None:
    assert {name: each.get("volumes") for name, each in services().items()} == {
        "postgres": ["postgres:/var/lib/postgresql/data"],
        "redis": ["redis:/data"],
        "migrate": None,
        # Pictures: one folder for both. A new volume has the owner of the image's folder.
        "web": ["media:/var/lib/shop/media"],
        "worker": ["media:/var/lib/shop/media"],
    }
    assert read_yaml("docker-compose.yml")["volumes"] == {"postgres": None, "redis": None, "media": None}
    assert {str(settings_of(each).file_storage_dir) for each in ("web", "worker")} == {"/var/lib/shop/media"}


def settings_of(service: str, **dot_env: str) -> Settings:
    """What the program finds in a container, when `.env` beside the compose file says `dot_env`."""
    environment = {name: interpolated(text, dot_env) for name, text in services()[service]["environment"].items()}
    return load_settings(image_environment() | environment, Path("/nowhere"))


@pytest.mark.parametrize("service", OURS)
def test_the_containers_get_only_settings_that_exist(service: str) -> None:
    assert set(services()[service]["environment"]) - set(VARIABLES) == set()


@pytest.mark.parametrize("service", OURS)
def test_it_starts_without_any_settings_of_yours(service: str) -> None:
    found = settings_of(service)

    assert found == load_settings(
        {
            "DB_HOST": "postgres",
            "DB_NAME": "ecommerce",
            "DB_USER": "ecommerce_user",
            "DB_PASSWORD": "ecommerce_pass",
            "REDIS_HOST": "redis",
            "PUBLIC_URL": "http://localhost:5000",
            "HOST": "0.0.0.0",
            "LOCAL_DATA_DIR": "/var/lib/shop",
        },
        Path("/nowhere"),
    )
    assert found.database_url == "postgresql+psycopg2://ecommerce_user:ecommerce_pass@postgres:5432/ecommerce"
    assert found.redis_url == "redis://redis:6379/0"
    assert (found.environment, found.mail_provider) == ("development", "console")


def test_links_in_mails_lead_to_the_published_port() -> None:
    assert settings_of("worker", PORT="8080").public_url == "http://localhost:8080"
    assert settings_of("worker", PORT="8080", PUBLIC_URL="https://shop.example").public_url == "https://shop.example"


def test_postgres_and_the_program_agree_on_your_password() -> None:
    given = {"DB_NAME": "store", "DB_USER": "shop", "DB_PASSWORD": "p@ss/word"}
    postgres = {name: interpolated(text, given) for name, text in services()["postgres"]["environment"].items()}

    assert postgres == {
        "POSTGRES_DB": "store",
        "POSTGRES_USER": "shop",
        "POSTGRES_PASSWORD": "p@ss/word",
        "POSTGRES_INITDB_ARGS": "--encoding=UTF8 --locale=C.UTF-8",
    }
    assert settings_of("web", **given).database_url == "postgresql+psycopg2://shop:p%40ss%2Fword@postgres:5432/store"


PRODUCTION = {
    "ENVIRONMENT": "production",
    "JWT_SECRET": "s" * 64,
    "PUBLIC_URL": "https://shop.example",
    "MAIL_PROVIDER": "smtp",
    "MAIL_FROM": "shop@shop.example",
    "SMTP_HOST": "smtp.shop.example",
}


@pytest.mark.parametrize("service", OURS)
def test_every_setting_that_is_passed_on_arrives(service: str) -> None:
    given = {
        **PRODUCTION,
        "JWT_ALGORITHM": "HS512",
        "ACCESS_TOKEN_EXPIRE_MINUTES": "5",
        "REFRESH_TOKEN_EXPIRE_MINUTES": "50",
        "EMAIL_VERIFICATION_REQUIRED": "False",
        "TRUSTED_PROXIES": "2",
        "RATE_LIMIT_PER_MINUTE": "100",
        "SHOP_NAME": "Tea & Co",
        "MAIL_TIMEOUT_SECONDS": "7",
        "SMTP_PORT": "2525",
        "SMTP_SECURITY": "tls",
        "SMTP_USER": "shop",
        "SMTP_PASSWORD": "p@ss word",
        "SENDGRID_API_KEY": "SG.a-key",
        "SENDGRID_API_URL": "https://api.eu.sendgrid.com",
        "STRIPE_SECRET_KEY": "sk_test_aKey",
        "STRIPE_API_URL": "https://stripe.internal",
        "STRIPE_TIMEOUT_SECONDS": "15",
        "UPLOAD_MAX_MEGABYTES": "4",
        "CURRENCY": "EUR",
        "TIME_ZONE": "Europe/Berlin",
        "HOME_REGION": "DE",
        "TIER_SILVER_ORDERS": "5",
        "TIER_GOLD_ORDERS": "10",
        "LOG_LEVEL": "ERROR",
        "WEB_CONCURRENCY": "3",
        "WEB_THREADS": "4",
        "WORKER_CONCURRENCY": "5",
    }
    lists = {"CORS_ORIGINS": "https://one.example,https://two.example", "JWT_PREVIOUS_SECRETS": "t" * 64}

    found = settings_of(service, **given, **lists)

    assert {name: str(getattr(found, name.lower())) for name in given} == given
    assert found.cors_origins == ("https://one.example", "https://two.example")
    assert found.jwt_previous_secrets == ("t" * 64,)
    own = {"DB_HOST", "DB_NAME", "DB_USER", "DB_PASSWORD", "REDIS_HOST"}
    assert set(services()[service]["environment"]) == {*given, *lists, *own}


def test_production_needs_a_secret_an_address_and_mail_of_yours() -> None:
    with pytest.raises(SettingsError) as refused:
        settings_of("web", ENVIRONMENT="production")
    assert [line.split(":")[0].strip() for line in str(refused.value).splitlines()] == [
        "Nothing was started",
        "JWT_SECRET",
        "PUBLIC_URL",
        "MAIL_PROVIDER",
    ]


@pytest.mark.parametrize("name", [each for each in PRODUCTION if each != "ENVIRONMENT"])
def test_production_starts_with_these_and_with_none_of_them_less(name: str) -> None:
    assert settings_of("web", **PRODUCTION).environment == "production"
    with pytest.raises(SettingsError, match=name):
        settings_of("web", **{**PRODUCTION, name: ""})


def test_development_mounts_exactly_what_the_image_copies_and_only_for_reading() -> None:
    override = services("docker-compose.override.yml")

    assert set(override) == set(OURS)
    for each in override.values():
        # static/ is not read-only: the image's own playground files are laid over a folder in it.
        assert sorted(each["volumes"]) == sorted(
            [
                *(f"./{path}:/app/{path}:ro" for path in copied() if path != "static"),
                "./static:/app/static",
                "/app/static/vendor",
            ]
        )


def test_development_reloads_the_web_server() -> None:
    override = services("docker-compose.override.yml")

    assert override["web"]["command"] == "flask --app app run --debug --host 0.0.0.0 --port 5000"
    assert {name: sorted(each) for name, each in override.items()} == {
        "migrate": ["volumes"],
        "web": ["command", "volumes"],
        "worker": ["volumes"],
    }
