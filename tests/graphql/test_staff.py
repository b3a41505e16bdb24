"""Staff edge to edge: from the invitation to the last day, and what everybody else learns of it: nothing."""

from typing import Any
from uuid import UUID

import pytest
import redis

from models.user import Right, Role
from services.accounts.inviting import ACCEPTED
from services.accounts.letters import INVITATION_PURPOSE
from tests.services.evidence import nothing_changed
from tests.services.hiring import Hired, department_id, erase, hire
from tests.support import ALICE, DANA, SAM, GraphQLClient, codes, make_products
from utils.ids import new_id
from wiring import Shop

INVITE = (
    "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { id email role rights departments { slug } } }"
)
REQUEST = "0198c0de-0000-4000-8000-000000000001"
CHANGE = "mutation($input: ChangeStaffInput!) { changeStaff(input: $input) { id role rights departments { slug } } }"
ACCEPT = """
mutation($token: String!, $name: String!, $password: String!) {
  acceptInvitation(token: $token, name: $name, password: $password) { message }
}
"""
USERS = """
query($first: Int!, $after: String, $role: Role, $email: String) {
  users(first: $first, after: $after, role: $role, email: $email) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { email } }
    nodes { id email role rights departments { name } }
  }
}
"""


@pytest.fixture
def una(shop: Shop) -> Hired:
    """Who looks after the staff of the marketplace."""
    return hire(shop, "una", Right.USERS, Right.PRODUCTS)


def test_from_the_invitation_to_the_last_day(graphql: GraphQLClient, shop: Shop, una: Hired) -> None:
    # given
    marketplace = str(department_id(shop, "marketplace"))
    wanted = {"email": "eve@example.com", "departmentIds": [marketplace], "rights": ["PRODUCTS"]}
    # when Eve is invited
    made = graphql(INVITE, {"input": wanted}, headers=una.headers)["data"]["inviteStaff"]
    # then
    assert made == {
        "id": made["id"],
        "email": "eve@example.com",
        "role": "STAFF",
        "rights": ["PRODUCTS"],
        "departments": [{"slug": "marketplace"}],
    }
    listed = graphql("{ invitations { id email departments { slug } invitedBy } }", headers=una.headers)
    assert listed["data"]["invitations"] == [
        {
            "id": made["id"],
            "email": "eve@example.com",
            "departments": [{"slug": "marketplace"}],
            "invitedBy": str(una.id),
        }
    ]
    # when she accepts and logs in
    token = shop.links.sign(INVITATION_PURPOSE, UUID(made["id"]))
    accepted = graphql(ACCEPT, {"token": token, "name": "Eve", "password": "correct horse"})
    assert accepted == {"data": {"acceptInvitation": {"message": ACCEPTED}}}
    document = 'mutation { login(email: "eve@example.com", password: "correct horse") { accessToken user { id } } }'
    payload = graphql(document)["data"]["login"]
    eve = {"Authorization": f"Bearer {payload['accessToken']}"}
    # then she may do what was offered, and no more
    assert graphql("{ me { name role rights departments { slug } } }", headers=eve)["data"]["me"] == {
        "name": "Eve",
        "role": "STAFF",
        "rights": ["PRODUCTS"],
        "departments": [{"slug": "marketplace"}],
    }
    create = "mutation { createProduct(input: {price: 1, stockCount: 1}) { name } }"
    assert codes(graphql(create, headers=eve)) == []
    assert codes(graphql("{ users { totalCount } }", headers=eve)) == ["FORBIDDEN"]
    # when she is removed
    document = "mutation($id: String!) { removeStaff(userId: $id) { role rights departments { slug } } }"
    removed = graphql(document, {"id": payload["user"]["id"]}, headers=una.headers)
    assert removed["data"]["removeStaff"] == {"role": "CUSTOMER", "rights": [], "departments": []}
    # then her token is good for nothing, at once
    with nothing_changed(shop.database):
        assert codes(graphql(create, headers=eve)) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("redis_forgets", [False, True])
@pytest.mark.parametrize(
    "wanted", [{"rights": []}, {"rights": ["PRODUCTS", "READ"]}, {"departmentIds": ["groceries"]}, {"admin": True}]
)
def test_after_a_change_the_old_tokens_are_refused_at_once(
    graphql: GraphQLClient, shop: Shop, redis_client: redis.Redis, wanted: dict[str, Any], redis_forgets: bool
) -> None:
    # given somebody at work
    kim, lee = hire(shop, "kim", Right.PRODUCTS), hire(shop, "lee", Right.PRODUCTS)
    create = "mutation { createProduct(input: {price: 1, stockCount: 1}) { name } }"
    for each in (kim, lee):
        assert codes(graphql(create, headers=each.headers)) == []
    # when
    if "departmentIds" in wanted:
        wanted = {"departmentIds": [str(department_id(shop, slug)) for slug in wanted["departmentIds"]]}
    assert codes(graphql(CHANGE, {"input": {"userId": str(kim.id), **wanted}}, as_="dana")) == []
    if redis_forgets:
        redis_client.flushdb()
    # then
    refresh = f'mutation {{ refreshSession(refreshToken: "{kim.refresh_token}") {{ accessToken }} }}'
    with nothing_changed(shop.database):
        assert codes(graphql(create, headers=kim.headers)) == ["UNAUTHENTICATED"]
        assert codes(graphql(refresh)) == ["UNAUTHENTICATED"]
    # and nobody else's are
    assert codes(graphql(create, headers=lee.headers)) == []


def test_who_is_promoted_logs_in_anew(graphql: GraphQLClient, shop: Shop) -> None:
    # given Bob at home, and an invitation for him
    login = 'mutation { login(email: "bob@example.com", password: "Market-Demo-1") { accessToken } }'
    at_home = {"Authorization": f"Bearer {graphql(login)['data']['login']['accessToken']}"}
    made = graphql(INVITE, {"input": {"email": "bob@example.com", "admin": True}}, as_="dana")
    token = shop.links.sign(INVITATION_PURPOSE, UUID(made["data"]["inviteStaff"]["id"]))
    # when the password is wrong
    with nothing_changed(shop.database, but=("audit_entries",)):
        body = graphql(ACCEPT, {"token": token, "name": "Bob", "password": "correct horse"})
    # then
    assert codes(body) == ["WRONG_CREDENTIALS"]
    assert codes(graphql("{ me { id } }", headers=at_home)) == []
    # and when it is right
    assert codes(graphql(ACCEPT, {"token": token, "name": "", "password": "Market-Demo-1"})) == []
    # then
    assert codes(graphql("{ me { id } }", headers=at_home)) == ["UNAUTHENTICATED"]
    anew = {"Authorization": f"Bearer {graphql(login)['data']['login']['accessToken']}"}
    assert codes(graphql("{ auditLog { nodes { id } } }", headers=anew)) == []


def test_guessing_at_one_link_is_limited(graphql: GraphQLClient) -> None:
    guess = {"token": "made-up", "name": "Eve", "password": "correct horse"}
    found = [codes(graphql(ACCEPT, guess)) for _ in range(11)]
    assert found == [["LINK_INVALID"]] * 10 + [["RATE_LIMITED"]]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ('mutation { changeStaff(input: {userId: "ID", rights: []}) { id } }', "userId"),
        ('mutation { removeStaff(userId: "ID") { id } }', "userId"),
        ('mutation { withdrawInvitation(invitationId: "ID") }', "invitationId"),
        ('mutation { inviteStaff(input: {email: "n@example.com", departmentIds: ["ID"]}) { id } }', "departmentIds"),
    ],
)
def test_an_id_of_others_answers_as_one_of_nobody(
    graphql: GraphQLClient, shop: Shop, una: Hired, document: str, field: str
) -> None:
    # given ids of every kind of thing that is not Una's
    elsewhere = hire(shop, "elsewhere", departments=("household",))
    gone = hire(shop, "gone")
    erase(shop, gone.id)
    admins = graphql(INVITE, {"input": {"email": "x@example.com", "admin": True}}, as_="dana")["data"]["inviteStaff"]
    ids = [DANA, ALICE, elsewhere.id, gone.id, una.id, admins["id"], department_id(shop, "household"), new_id()]
    # when
    refusals, same = [], str(new_id())
    for wanted in ids:
        with nothing_changed(shop.database):
            body = graphql(document.replace("ID", str(wanted)), headers=una.headers | {"X-Request-Id": same})
        refusals.append(body)
    # then all answers are one, letter by letter
    assert refusals == [refusals[0]] * len(ids)
    assert (codes(refusals[0]), refusals[0]["errors"][0]["extensions"]["field"]) == (["NOT_FOUND"], field)
    # and what is no id at all is said to be none
    with nothing_changed(shop.database):
        body = graphql(document.replace("ID", "nonsense"), headers=una.headers)
    assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], field)


def test_a_user_of_others_answers_as_nobody(graphql: GraphQLClient, shop: Shop, una: Hired) -> None:
    elsewhere = hire(shop, "elsewhere", departments=("household",))
    for wanted in (DANA, elsewhere.id, new_id(), "nonsense", ""):
        body = graphql("query($id: String!) { user(userId: $id) { email } }", {"id": str(wanted)}, headers=una.headers)
        assert body == {"data": {"user": None}}
    body = graphql("query($id: String!) { user(userId: $id) { email } }", {"id": str(ALICE)}, headers=una.headers)
    assert body == {"data": {"user": {"email": "alice@example.com"}}}


def test_accounts_page_by_page(graphql: GraphQLClient, shop: Shop) -> None:
    # given
    hire(shop, "kim", Right.READ, Right.USERS, departments=("marketplace", "groceries"))
    # when
    first = graphql(USERS, {"first": 2, "role": "STAFF"}, as_="dana")["data"]["users"]
    # then
    assert first["totalCount"] == 2
    assert first["nodes"][0] == {
        "id": first["nodes"][0]["id"],
        "email": "kim@example.com",
        "role": "STAFF",
        "rights": ["READ", "USERS"],
        "departments": [{"name": "Groceries"}, {"name": "Marketplace"}],
    }
    assert [each["node"]["email"] for each in first["edges"]] == ["kim@example.com", "sam@example.com"]
    assert first["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": first["edges"][0]["cursor"],
        "endCursor": first["edges"][1]["cursor"],
    }
    # and the page after the first one
    second = graphql(USERS, {"first": 1, "role": "STAFF", "after": first["edges"][0]["cursor"]}, as_="dana")
    assert second["data"]["users"]["nodes"][0]["id"] == str(SAM)
    assert second["data"]["users"]["pageInfo"]["hasPreviousPage"] is True
    # and an empty one
    nobody = graphql(USERS, {"first": 1, "email": "nobody"}, as_="dana")["data"]["users"]
    assert (nobody["totalCount"], nobody["nodes"], nobody["pageInfo"]["endCursor"]) == (0, [], None)


@pytest.mark.parametrize(
    ("variables", "field"),
    [({"first": 0}, "first"), ({"first": 101}, "first"), ({"first": 1, "email": ""}, "email")],
)
def test_bad_pages_are_refused(graphql: GraphQLClient, variables: dict[str, Any], field: str) -> None:
    body = graphql(USERS, variables, as_="dana")
    assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], field)


def test_a_cursor_of_another_list_is_refused(graphql: GraphQLClient, shop: Shop) -> None:
    make_products(shop, 1)
    document = "{ products { pageInfo { endCursor } } auditLog { pageInfo { endCursor } } }"
    found = graphql(document, as_="dana")["data"]
    for other in (found["products"], found["auditLog"]):
        body = graphql(USERS, {"first": 1, "after": other["pageInfo"]["endCursor"]}, as_="dana")
        assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], "after")


def test_the_audit_log_in_full(graphql: GraphQLClient, shop: Shop) -> None:
    # given
    kim = hire(shop, "kim", Right.READ)
    change = {"input": {"userId": str(kim.id), "rights": []}}
    graphql(CHANGE, change, as_="dana", headers={"X-Request-Id": REQUEST})
    # when
    document = """
    query($actorId: String, $subjectId: String, $from: DateTime, $until: DateTime) {
      auditLog(first: 1, actorId: $actorId, subjectId: $subjectId, action: STAFF_CHANGED, subjectType: "account",
          from: $from, until: $until) {
        nodes { id createdAt actorId action subjectType subjectId before after requestId }
        edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }
    """
    found = graphql(document, {"actorId": str(DANA), "subjectId": str(kim.id)}, as_="dana")["data"]["auditLog"]
    # then
    (entry,) = found["nodes"]
    assert entry == {
        "id": entry["id"],
        "createdAt": entry["createdAt"],
        "actorId": str(DANA),
        "action": "STAFF_CHANGED",
        "subjectType": "account",
        "subjectId": str(kim.id),
        "before": {"rights": ["read"]},
        "after": {"rights": []},
        "requestId": REQUEST,
    }
    assert found["edges"] == [{"cursor": found["pageInfo"]["endCursor"], "node": {"id": entry["id"]}}]
    assert (found["pageInfo"]["hasNextPage"], found["pageInfo"]["hasPreviousPage"]) == (False, False)
    # and by its time
    moment = entry["createdAt"]
    assert graphql(document, {"from": moment, "until": moment}, as_="dana")["data"]["auditLog"] == found
    assert graphql(document, {"until": "2026-01-01T00:00:00Z"}, as_="dana")["data"]["auditLog"]["nodes"] == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ('actorId: "x"', "actorId"),
        ('subjectId: "x"', "subjectId"),
        ("first: 0", "first"),
        ('after: "x"', "after"),
        ('from: "2026-01-01T00:00:00"', "from"),
        ('until: "2026-01-01T00:00:00"', "until"),
        ('from: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z"', "from"),
    ],
)
def test_bad_questions_to_the_audit_log_are_refused(graphql: GraphQLClient, arguments: str, field: str) -> None:
    body = graphql(f"{{ auditLog({arguments}) {{ nodes {{ id }} }} }}", as_="dana")
    assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], field)


def test_a_department_is_seen_under_its_new_name_at_once(graphql: GraphQLClient, shop: Shop) -> None:
    # given answers that everything which caches has seen twice
    make_products(shop, 1)
    document = "{ products { nodes { category { department { name } } } } departments { slug name } }"
    for _ in range(2):
        before = graphql(document)["data"]
    assert before["products"]["nodes"] == [{"category": {"department": {"name": "Marketplace"}}}]
    # when
    rename = 'mutation($id: String!) { renameDepartment(departmentId: $id, name: "Bazaar") { slug name } }'
    renamed = graphql(rename, {"id": str(department_id(shop, "marketplace"))}, as_="dana")
    # then
    assert renamed["data"]["renameDepartment"] == {"slug": "marketplace", "name": "Bazaar"}
    after = graphql(document)["data"]
    assert after["products"]["nodes"] == [{"category": {"department": {"name": "Bazaar"}}}]
    assert {"slug": "marketplace", "name": "Bazaar"} in after["departments"]


def test_departments_are_made_and_removed(graphql: GraphQLClient, shop: Shop) -> None:
    made = graphql('mutation { createDepartment(name: "Bistro") { id slug name } }', as_="dana")["data"]
    assert made["createDepartment"] == {"id": made["createDepartment"]["id"], "slug": "bistro", "name": "Bistro"}
    with nothing_changed(shop.database):
        again = graphql('mutation { createDepartment(name: "bistro!") { id } }', as_="dana")
    assert (codes(again), again["errors"][0]["extensions"]["slug"]) == (["CONFLICT"], "bistro")
    remove = "mutation($id: String!) { removeDepartment(departmentId: $id) }"
    for department, expected in (
        (made["createDepartment"]["id"], []),
        (made["createDepartment"]["id"], ["NOT_FOUND"]),
        (str(department_id(shop, "household")), ["CONFLICT"]),
        ("nonsense", ["INVALID_INPUT"]),
    ):
        assert codes(graphql(remove, {"id": department}, as_="dana")) == expected


def test_the_last_admin_stays(graphql: GraphQLClient, shop: Shop) -> None:
    household = str(department_id(shop, "household"))
    for document, variables in (
        (CHANGE, {"input": {"userId": str(DANA), "admin": False, "departmentIds": [household]}}),
        ("mutation($id: String!) { removeStaff(userId: $id) { id } }", {"id": str(DANA)}),
    ):
        with nothing_changed(shop.database):
            assert codes(graphql(document, variables, as_="dana")) == ["CONFLICT"]
    hire(shop, "ada", role=Role.ADMIN)
    assert codes(graphql(document, variables, as_="dana")) == []
