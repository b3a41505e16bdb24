"""Rules about who may do what: commit, ask the time, make ids, load relations, read settings."""

from __future__ import annotations

import ast
import re

from sqlalchemy.orm import configure_mappers

from models import Base
from tests.architecture.sources import Module, calls, constants, dotted, functions, imported, program
from utils.config import Settings


def test_only_the_database_commits() -> None:
    # A migration's advisory lock is taken and given back outside the migration's own transaction.
    allowed = {"utils/database.py", "alembic/env.py"}
    found = [
        f"{module.at(call)} {name}"
        for module in program()
        if module.name not in allowed
        for call, name in calls(module)
        # `engine.begin()` and `session.begin()` commit too; services/idempotency.py has a function of that name, and
        # calls it.
        if name.split(".")[-1] in {"commit", "begin"} and name != "idempotency.begin"
        if (module.name, name) != ("services/idempotency.py", "begin")
    ]

    assert found == []


def test_no_sql_commits() -> None:
    found = [
        module.at(text)
        for module in program()
        for text in constants(module)
        if re.match(r"\s*(COMMIT|BEGIN|ROLLBACK)\b", str(text.value))
    ]

    assert found == []


def test_every_relationship_refuses_to_load_by_itself() -> None:
    configure_mappers()
    relations = [relation for mapper in Base.registry.mappers for relation in mapper.relationships]

    assert relations
    assert [str(relation) for relation in relations if relation.lazy != "raise"] == []


def test_only_the_clock_asks_the_time() -> None:
    asking = {"now", "utcnow", "today", "fromtimestamp"}
    found = [
        f"{module.at(call)} {name}"
        for module in program()
        if module.name != "utils/clock.py"
        for call, name in calls(module)
        if name.split(".")[-1] in asking and name != "clock.now"
    ]
    found += [
        module.at(text)
        for module in program()
        for text in constants(module)
        if re.search(r"\bnow\(\)|current_timestamp|clock_timestamp", str(text.value), re.IGNORECASE)
    ]

    assert found == []


def test_only_ids_makes_ids() -> None:
    # A request's id names no row; it is made where a request comes in.
    for_requests = {"web/headers.py"}
    makers = {"uuid1", "uuid4", "uuid6", "uuid7", "uuid8"}
    found = [
        f"{module.at(node)} {dotted(node)}"
        for module in program()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name | ast.Attribute) and dotted(node).split(".")[-1] in makers
        if not (module.name == "utils/ids.py" or (module.name in for_requests and dotted(node) == "uuid4"))
    ]

    assert found == []


def _services() -> list[Module]:
    return [module for module in program() if module.name.startswith("services/")]


def test_services_take_the_session_first() -> None:
    wrong = []
    for module in _services():
        for function in functions(module):
            arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            names = [each.arg for each in arguments if each.arg not in {"self", "cls"}]
            if "session" in names and (names[0] != "session" or not function.args.args):
                wrong.append(f"{module.at(function)} {function.name}")

    assert wrong == []


def test_services_take_at_most_two_things_by_place_and_the_rest_by_keyword() -> None:
    """After the session stands what the act is about; who acts, for whom and with what is named by whoever calls."""
    by_keyword = {"actor", "actor_id", "customer_id", "currency", "load", "password", "password_hash"}
    wrong = []
    for module in _services():
        public = [node for node in module.tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
        for function in public:
            by_place = [each.arg for each in function.args.args]
            if by_place[:1] == ["session"] and (len(by_place) > 3 or by_keyword & set(by_place)):
                wrong.append(f"{module.at(function)} {function.name}({', '.join(by_place)}, ...)")

    assert wrong == []


def test_imports_stand_at_the_top_of_a_module() -> None:
    found = [
        module.at(node)
        for module in program()
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    # The first two run where what they import may be missing; gunicorn reads the third before it loads the program.
    reasons = ("launch/install.py", "launch/assets.py", "gunicorn.conf.py")
    assert [each for each in found if not each.startswith(reasons)] == []


def test_every_setting_is_used() -> None:
    read = {
        node.attr
        for module in program()
        if not module.name.startswith("utils/config")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and re.search(r"settings\b|\)$", dotted(node.value))
    }
    # The parts of a URL are read where the URL is made of them.
    parts = {name for name in Settings.model_fields if re.match(r"(db|redis)_(host|port|name|user|password)$", name)}
    # A property of the settings stands for these: `public_url`, `verification_required`.
    parts |= {"render_external_url", "email_verification_required"}
    unused = {name.removeprefix("own_") for name in Settings.model_fields} - parts - read

    assert unused == set()


def test_only_the_cache_and_the_mailbox_of_developers_import_redis() -> None:
    found = [
        module.at(node) for module in program() for node, name in imported(module) if name.split(".")[0] == "redis"
    ]

    assert {each.partition(":")[0] for each in found} == {
        "utils/redis_line.py",
        "utils/cache.py",
        "utils/answers.py",
        "utils/leases.py",
        "gateways/mail/mailbox.py",
    }
