"""The Render Blueprints: fields and values that Render knows, whole references, no secret, settings that load."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.shipping.shipped import image_environment, read_yaml
from utils.config import VARIABLES, Settings, load_settings

PAID, FREE = "render.yaml", "render-free.yaml"
BOTH = pytest.mark.parametrize("name", [PAID, FREE])

# Of Render's Blueprint reference (render.com/docs/blueprint-spec) what these two files use. A field of another kind
# of resource is an error there, not ignored.
FIELDS = {
    "web": {
        *("type", "name", "runtime", "plan", "region", "envVars"),
        *("healthCheckPath", "preDeployCommand", "dockerCommand", "numInstances", "disk"),
    },
    "worker": {"type", "name", "runtime", "plan", "region", "envVars", "dockerCommand", "numInstances"},
    "keyvalue": {"type", "name", "plan", "region", "maxmemoryPolicy", "ipAllowList"},
    "database": {"name", "plan", "region", "postgresMajorVersion", "databaseName", "user", "ipAllowList"},
}
REQUIRED = {
    "web": {"type", "name", "runtime"},
    "worker": {"type", "name", "runtime"},
    "keyvalue": {"type", "name", "ipAllowList"},
    "database": {"name"},
}
PLANS = {
    "web": {"free", "0.5c-512mb", "1c-2g", "2c-4g", "2c-8g", "4c-8g", "4c-16g"},
    "worker": {"0.5c-512mb", "1c-2g", "2c-4g", "2c-8g", "4c-8g", "4c-16g"},
    "keyvalue": {"free", "256mb", "1g", "5g", "10g"},
    "database": {"free", "0.1c-256mb", "0.5c-1g", "1c-2g", "1c-4g", "2c-4g", "2c-8g"},
}
ENTRIES = (
    {"fromGroup"},
    {"key", "value"},
    {"key", "generateValue"},
    {"key", "sync"},
    {"key", "fromDatabase"},
    {"key", "fromService"},
)


def resources(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Every resource of a Blueprint with its kind."""
    blueprint = read_yaml(name)
    return [(each["type"], each) for each in blueprint["services"]] + [
        ("database", each) for each in blueprint["databases"]
    ]


def entries(name: str, service: dict[str, Any]) -> list[dict[str, Any]]:
    """A service's environment variables, those of its groups in place of the group."""
    groups = {each["name"]: each["envVars"] for each in read_yaml(name).get("envVarGroups", [])}
    return [
        entry
        for each in service.get("envVars", [])
        for entry in (groups[each["fromGroup"]] if "fromGroup" in each else [each])
    ]


@BOTH
def test_the_root_has_only_fields_that_render_knows(name: str) -> None:
    assert set(read_yaml(name)) <= {"services", "databases", "envVarGroups"}


@BOTH
def test_every_field_belongs_to_its_kind_of_resource(name: str) -> None:
    assert [(kind, set(each) - FIELDS[kind]) for kind, each in resources(name) if set(each) - FIELDS[kind]] == []
    assert [(kind, REQUIRED[kind] - set(each)) for kind, each in resources(name) if REQUIRED[kind] - set(each)] == []


@BOTH
def test_every_plan_exists_for_its_kind_of_resource(name: str) -> None:
    assert [(kind, each["plan"]) for kind, each in resources(name) if each["plan"] not in PLANS[kind]] == []


@BOTH
def test_everything_is_in_one_region_so_that_private_addresses_work(name: str) -> None:
    assert {each["region"] for _, each in resources(name)} == {"oregon"}


@BOTH
def test_everything_of_ours_is_built_from_the_dockerfile(name: str) -> None:
    assert {each["runtime"] for kind, each in resources(name) if kind in ("web", "worker")} == {"docker"}


@BOTH
def test_every_environment_variable_has_exactly_one_source(name: str) -> None:
    groups = read_yaml(name).get("envVarGroups", [])
    holders = [each for _, each in resources(name)] + groups

    assert [entry for each in holders for entry in each.get("envVars", []) if set(entry) not in ENTRIES] == []
    # A group may hold values of its own only.
    assert [entry for each in groups for entry in each["envVars"] if set(entry) not in ENTRIES[1:3]] == []
    assert {entry["sync"] for each in holders for entry in each.get("envVars", []) if "sync" in entry} == {False}


@BOTH
def test_every_reference_is_to_something_in_the_file(name: str) -> None:
    named = {(kind, each["name"]) for kind, each in resources(name)}
    services = [each for kind, each in resources(name) if kind in ("web", "worker")]
    used = {
        ("database", entry["fromDatabase"]["name"]) if "fromDatabase" in entry else _target(entry["fromService"])
        for each in services
        for entry in entries(name, each)
        if "fromDatabase" in entry or "fromService" in entry
    }

    # A worker, where there is one, asks the web service.
    asked = ("database", "keyvalue", "web") if name == PAID else ("database", "keyvalue")
    assert used == {each for each in named if each[0] in asked}


def _target(reference: dict[str, str]) -> tuple[str, str]:
    return reference["type"], reference["name"]


@BOTH
def test_every_reference_asks_for_a_whole_url_or_for_another_s_variable(name: str) -> None:
    asked = [
        (entry["key"], (entry.get("fromDatabase") or entry["fromService"]))
        for kind, each in resources(name)
        if kind in ("web", "worker")
        for entry in entries(name, each)
        if "fromDatabase" in entry or "fromService" in entry
    ]

    assert {(key, source["property"]) for key, source in asked if "property" in source} == {
        ("DATABASE_URL", "connectionString"),
        ("REDIS_URL", "connectionString"),
    }
    assert [key for key, source in asked if source.get("envVarKey", key) != key] == []
    assert [key for key, source in asked if ("property" in source) == ("envVarKey" in source)] == []


def test_the_worker_has_from_the_web_service_what_mails_need() -> None:
    [worker] = [each for kind, each in resources(PAID) if kind == "worker"]
    [web] = [each for kind, each in resources(PAID) if kind == "web"]
    taken = {each["key"] for each in entries(PAID, worker) if "envVarKey" in each.get("fromService", {})}
    asked_for = {each["key"] for each in entries(PAID, web) if "sync" in each}

    # Render itself gives the first one to web services, and to no others.
    assert taken == {"RENDER_EXTERNAL_URL"} | asked_for
    assert asked_for == {"SENDGRID_API_KEY", "MAIL_FROM"}


@BOTH
def test_names_are_unique(name: str) -> None:
    names = [each["name"] for _, each in resources(name)]

    assert len(set(names)) == len(names)


def test_the_two_blueprints_can_live_in_one_workspace() -> None:
    assert {each["name"] for _, each in resources(PAID)} & {each["name"] for _, each in resources(FREE)} == set()


@BOTH
def test_no_secret_stands_in_the_file(name: str) -> None:
    secret = {variable for variable, field in VARIABLES.items() if not Settings.model_fields[field].repr}
    literal = {
        entry["key"]
        for kind, each in resources(name)
        if kind in ("web", "worker")
        for entry in entries(name, each)
        if "value" in entry
    }

    assert secret & literal == set()
    assert "JWT_SECRET" in secret


@BOTH
def test_the_web_service_is_checked_at_health(name: str) -> None:
    assert [each["healthCheckPath"] for kind, each in resources(name) if kind == "web"] == ["/health"]


@BOTH
def test_postgres_and_key_value_are_reachable_from_inside_only(name: str) -> None:
    allowed = [each["ipAllowList"] for kind, each in resources(name) if kind in ("database", "keyvalue")]

    assert allowed == [[], []]


@BOTH
def test_a_full_key_value_throws_out_cache_entries_and_never_tasks(name: str) -> None:
    assert [each["maxmemoryPolicy"] for kind, each in resources(name) if kind == "keyvalue"] == ["volatile-lru"]


@BOTH
def test_the_version_of_postgres_is_text_and_one_that_we_serve(name: str) -> None:
    assert [each["postgresMajorVersion"] for each in read_yaml(name)["databases"]] == ["15"]


def settings_of(name: str, service: dict[str, Any]) -> Settings:
    """What the program finds on Render: the image's settings, Render's own, and the Blueprint's."""
    made = {
        "DATABASE_URL": "postgresql://ecommerce_user:render-made@dpg-a1b2:5432/ecommerce_x1y2",
        "REDIS_URL": "redis://red-a1b2c3:6379",
        "JWT_SECRET": base64.b64encode(bytes(range(32))).decode(),
        "SENDGRID_API_KEY": "SG.a-key",
        "MAIL_FROM": "shop@shop.example",
        "RENDER_EXTERNAL_URL": "https://commerce-web.onrender.com",
    }
    given = {
        each["key"]: str(each["value"]) if "value" in each else made[each["key"]] for each in entries(name, service)
    }
    assert set(given) - set(VARIABLES) == set()
    by_render = {"PORT": "10000"}
    if service["type"] == "web":
        by_render["RENDER_EXTERNAL_URL"] = made["RENDER_EXTERNAL_URL"]
    return load_settings(image_environment() | by_render | given, Path("/nowhere"))


@BOTH
def test_the_settings_load_for_production(name: str) -> None:
    for kind, service in resources(name):
        if kind in ("web", "worker"):
            found = settings_of(name, service)
            assert (found.environment, found.host, found.port) == ("production", "0.0.0.0", 10000)
            assert found.database_url == (
                "postgresql+psycopg2://ecommerce_user:render-made@dpg-a1b2:5432/ecommerce_x1y2"
            )
            assert found.redis_url == "redis://red-a1b2c3:6379"
            assert (found.public_url, found.mail_provider) == ("https://commerce-web.onrender.com", "sendgrid")


def test_pictures_outlive_a_deployment_where_there_are_disks() -> None:
    disks = {each["name"]: (each["disk"], settings_of(PAID, each)) for _, each in resources(PAID) if "disk" in each}

    assert {name: disk for name, (disk, _) in disks.items()} == {
        "commerce-web": {"name": "commerce-media", "mountPath": "/var/lib/shop/media", "sizeGB": 1}
    }
    assert {str(settings.file_storage_dir) for _, settings in disks.values()} == {"/var/lib/shop/media"}
    # Free plans have none.
    assert [each for _, each in resources(FREE) if "disk" in each] == []


def test_web_and_worker_share_one_generated_secret() -> None:
    for kind, each in resources(PAID):
        if kind in ("web", "worker"):
            assert {"fromGroup": "commerce-settings"} in each["envVars"]
            assert "JWT_SECRET" not in {entry.get("key") for entry in each["envVars"]}
    assert read_yaml(PAID)["envVarGroups"] == [
        {
            "name": "commerce-settings",
            "envVars": [
                {"key": "ENVIRONMENT", "value": "production"},
                {"key": "JWT_SECRET", "generateValue": True},
                {"key": "MAIL_PROVIDER", "value": "sendgrid"},
            ],
        }
    ]


def test_the_paid_blueprint_runs_what_compose_runs() -> None:
    services = {each["name"]: each for _, each in resources(PAID)}
    compose = read_yaml("docker-compose.yml")["services"]

    assert services["commerce-web"]["preDeployCommand"] == compose["migrate"]["command"]
    assert "dockerCommand" not in services["commerce-web"]
    assert services["commerce-worker"]["dockerCommand"] == compose["worker"]["command"]
    assert services["commerce-worker"]["numInstances"] == 1


def test_the_paid_blueprint_has_exactly_one_beat() -> None:
    commands = " ".join(each.get("dockerCommand", "") for _, each in resources(PAID)).split()

    assert commands.count("--beat") == 1


def test_the_free_blueprint_is_one_process_on_free_plans() -> None:
    assert [(kind, each["plan"]) for kind, each in resources(FREE)] == [
        ("web", "free"),
        ("keyvalue", "free"),
        ("database", "free"),
    ]
    [web] = [each for kind, each in resources(FREE) if kind == "web"]
    assert web["dockerCommand"] == "python manage.py serve"
    # Free plans have no pre-deploy command: `serve` migrates before it serves.
    assert "preDeployCommand" not in web
    assert settings_of(FREE, web).web_concurrency == 1
