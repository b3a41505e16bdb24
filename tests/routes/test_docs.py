"""The documentation is the schema: all of it, linked, escaped, with samples that are valid."""

from __future__ import annotations

import json
import shlex
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, build_schema, parse, print_ast, validate
from graphql.execution import get_variable_values
from markupsafe import escape

from graphql_api.documents import Documents
from graphql_api.limits import Budget
from graphql_api.schema import core_schema
from graphql_api.uploads import UploadedFile
from routes import docs, pages
from routes.docs_samples import sample_operation
from tests.graphql.forms import field, file, form, send
from tests.routes.reading import read
from tests.support import codes, token_of
from wiring import Shop

ROOT = Path(__file__).resolve().parents[2]


def root_fields(schema: GraphQLSchema) -> list[tuple[str, str]]:
    """All queries and mutations as (kind, name)."""
    roots = [("query", schema.query_type), ("mutation", schema.mutation_type)]
    return [(kind, name) for kind, root in roots if root for name in root.fields]


def _takes_a_file(kind: str, name: str) -> bool:
    return "Upload!" in sample_operation(core_schema(), kind, name).document


def problems_of(schema: GraphQLSchema, document: str, variables: str) -> list[GraphQLError]:
    """What the schema says against this document with these variables."""
    parsed = parse(document)
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    given = json.loads(variables) if variables else {}
    for variable in operation.variable_definitions or ():
        if print_ast(variable.type) == "Upload!":
            name = variable.variable.name.value
            assert given[name] is None  # as it stands in `operations`; the file itself takes its place
            given[name] = UploadedFile(BytesIO(b"x"), 1)
    values = get_variable_values(schema, operation.variable_definitions or (), given)
    return [*validate(schema, parsed), *(values if isinstance(values, list) else [])]


def page_of(sdl: str) -> str:
    """The documentation of another schema."""
    app = Flask("pages", root_path=str(ROOT), static_folder=None)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(docs.make_blueprint(build_schema(sdl)))
    return app.test_client().get("/docs").text


@pytest.mark.parametrize("address", ["/docs", "/api/v1/docs"])
def test_every_query_mutation_and_type_has_its_place(client: FlaskClient, address: str) -> None:
    answer = client.get(address)

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    schema = core_schema()
    wanted = {f"{kind}-{name}" for kind, name in root_fields(schema)}
    roots = {"Query", "Mutation"}
    wanted |= {f"type-{name}" for name in schema.type_map if not name.startswith("__") and name not in roots}
    ids = read(answer.text).ids
    assert {one for one in ids if one.startswith(("query-", "mutation-", "type-"))} == wanted
    assert len(ids) == len(set(ids))


def test_every_link_inside_the_page_leads_somewhere(client: FlaskClient) -> None:
    page = read(client.get("/docs").text)

    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert "type-Product" in inside
    assert inside - set(page.ids) == set()


def test_the_page_keeps_to_its_own_policy_and_is_told_apart_by_its_etag(client: FlaskClient) -> None:
    answer = client.get("/docs")
    page = read(answer.text)

    assert "script-src 'self'; style-src 'self';" in answer.headers["Content-Security-Policy"]
    assert page.inline == []
    assert [address for address in page.resources if not address.startswith("/static/")] == []
    assert client.get("/docs", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(("kind", "name"), root_fields(core_schema()))
def test_every_sample_is_valid_with_its_variables(kind: str, name: str) -> None:
    sample = sample_operation(core_schema(), kind, name)

    assert problems_of(core_schema(), sample.document, sample.variables) == []
    # and asks for no more than one request may
    Budget().spend(Documents(core_schema()).get(sample.document).cost)


@pytest.mark.parametrize(("kind", "name"), [each for each in root_fields(core_schema()) if _takes_a_file(*each)])
def test_a_sample_with_a_file_is_a_command(
    client: FlaskClient, shop: Shop, tmp_path: Path, kind: str, name: str
) -> None:
    sample = sample_operation(core_schema(), kind, name)
    article = client.get("/docs").text.split(f'<article id="{kind}-{name}"')[1].split("</article>")[0]
    assert str(escape(sample.command)) in article
    assert "playground</a>" not in article

    words = shlex.split(sample.command.replace("\\\n", ""))
    parts = dict(word.split("=", 1) for before, word in pairwise(words) if before == "-F")
    sent = form(field("operations", parts["operations"].encode()), field("map", parts["map"].encode()), file(b"x"))
    assert (list(parts), parts["0"]) == (["operations", "map", "0"], "@YOUR_FILE")
    assert "Apollo-Require-Preflight: true" in words
    # understood as a whole: what is refused is the file
    _, body = send(client, sent, token_of(shop, "dana"))
    assert codes(body) in (["INVALID_IMAGE"], ["INVALID_INPUT"], []), body
    assert list(body["data"]) == [name]


def test_a_sample_opens_connections_and_one_level_of_what_they_hold() -> None:
    schema = build_schema("""
        type Query { shelves(by: By!): ShelfConnection! }
        input By @oneOf { id: ID slug: String }
        type ShelfConnection { edges: [ShelfEdge!]! totalCount: Int! }
        type ShelfEdge { cursor: String! node: Shelf! }
        type Shelf { name: String! next: Shelf room: Room! one(of: Int!): Int }
        type Room { name: String! house: House! }
        type House { name: String! }
    """)

    sample = sample_operation(schema, "query", "shelves")

    assert sample.document == (
        "query Shelves($by: By!) {\n  shelves(by: $by) {\n    edges {\n      cursor\n      node {\n"
        "        name\n        room {\n          name\n        }\n      }\n    }\n    totalCount\n  }\n}"
    )
    assert json.loads(sample.variables) == {"by": {"id": "00000000-0000-0000-0000-000000000000"}}
    assert problems_of(schema, sample.document, sample.variables) == []


def test_all_that_a_schema_can_say_is_shown() -> None:
    html = page_of("""
        interface Named { name: String! }
        "Sold by `weight`.\\n\\nNever <b>alone</b>."
        type Apple implements Named { name: String! sort(by: Sort! = BEST): [Int!] }
        type Pear implements Named { name: String! }
        union Fruit = Apple | Pear
        enum Sort { BEST OLD @deprecated(reason: "Rotten.") }
        input Pick @oneOf { id: ID name: String }
        type Query { fruit(pick: Pick): [Fruit!]! pear: Pear @deprecated(reason: "Take `fruit`.") }
    """)
    page = read(html)

    assert "<p>Sold by <code>weight</code>.</p><p>Never &lt;b&gt;alone&lt;/b&gt;.</p>" in html
    assert "Give exactly one of its fields." in html
    assert {"Rotten.", "= BEST"} <= {text.strip() for texts in page.texts.values() for text in texts}
    assert "Take `fruit`." in html
    assert {"interfaces", "unions", "enums", "inputs", "scalars", "types", "queries"} <= set(page.ids)
    assert "mutations" not in page.ids
    assert 'One of <code class="type"><a href="#type-Apple">Apple</a></code>, ' in html
    assert 'Is a <code class="type"><a href="#type-Named">Named</a></code>.' in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("one\nline", "<p>one line</p>"),
        ("a\n\n\n b ", "<p>a</p><p>b</p>"),
        ("`x < 1` & more", "<p><code>x &lt; 1</code> &amp; more</p>"),
        ("one ` alone", "<p>one ` alone</p>"),
    ],
)
def test_descriptions_become_paragraphs(text: str, html: str) -> None:
    assert docs.prose(text) == html
