"""The pages that links in mails lead to: each says what it will do, and does it when the button is pressed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from routes.accounts import Doors
from routes.bodies import LARGEST_BODY
from routes.errors import logged_fault
from routes.pages import secured
from services.accounts import changing_email, changing_password, inviting, verifying
from services.accounts.checking import LONGEST_NAME, LONGEST_PASSWORD, SHORTEST_PASSWORD
from utils.errors import DomainError, ErrorCode
from web.headers import retry_header
from web.limiting import Limits, Rule
from wiring import Shop

# Another try with the same link would end the same way; after any other refusal the person gets the form again.
_FINAL = frozenset({ErrorCode.LINK_INVALID, ErrorCode.EMAIL_TAKEN, ErrorCode.CONFLICT})
_INCOMPLETE = "The address of this page is not complete. Open the link in the mail again, the whole of it."


@dataclass(frozen=True, slots=True)
class Field:
    """Something to type; `name` is what services call it in their refusals."""

    name: str
    label: str
    autocomplete: str
    hint: str = ""
    kind: str = "text"
    shortest: int = 1
    longest: int = LONGEST_NAME


@dataclass(frozen=True, slots=True)
class Page:
    """One kind of link: what its page says and asks, and what is done. `act` returns what the person is told."""

    path: str
    heading: str
    lead: str
    button: str
    done: str
    act: Callable[[Shop, str, Mapping[str, str]], str]
    fields: tuple[Field, ...] = ()

    def sentence(self, refusal: DomainError) -> str:
        """The refusal as the person reads it, with the field called by its label."""
        named = {field.name: field.label for field in self.fields}
        field = str(refusal.details.get("field"))
        return named[field] + refusal.message.removeprefix(field) if field in named else refusal.message


def make_blueprint(shop: Shop, limits: Limits) -> Blueprint:
    """GET shows the page of a link and uses nothing up (mail scanners follow links); POST follows the link.

    /verify/ is the same as /verify, and takes the token as JSON, too.
    """
    blueprint = Blueprint("account_pages", __name__)
    for page in PAGES:
        visit = _Visit(shop, limits, page)
        blueprint.add_url_rule(page.path, page.path.strip("/"), visit.answer, methods=["GET", "POST"])
    doors, verifying_page = Doors(shop, limits), _Visit(shop, limits, PAGES[0])

    def verify() -> Response:
        if request.method == "POST" and request.mimetype == "application/json":
            limits.count()
            return doors.verify()
        return verifying_page.answer()

    blueprint.add_url_rule("/verify/", "verify/", verify, methods=["GET", "POST"])
    return blueprint


@dataclass(frozen=True, slots=True)
class _Visit:
    shop: Shop
    limits: Limits
    page: Page

    def answer(self) -> Response:
        if request.method == "POST":
            return self._follow()
        token = request.args.get("token", "")
        return self._form(token) if token else self._outcome(self.page.heading, _INCOMPLETE, 400)

    def _follow(self) -> Response:
        """Follows the link, or shows why not: every refusal is a page with a sentence and its status."""
        token, failed = "", "That did not work"
        try:
            request.max_content_length = LARGEST_BODY
            token = request.form.get("token", "")
            if not token:
                return self._outcome(self.page.heading, _INCOMPLETE, 400)
            self.limits.count()
            self.limits.spend(Rule.LINK, token)
            return self._outcome(self.page.done, self.page.act(self.shop, token, request.form), 200)
        except DomainError as refusal:
            if refusal.code in _FINAL:
                return self._outcome(failed, refusal.message, refusal.http_status)
            return self._form(token, refusal)
        except HTTPException as refusal:
            return self._outcome(failed, refusal.description or refusal.name, refusal.code or 400)
        except Exception as fault:
            request_id = logged_fault("a page failed", fault)
            return self._outcome(failed, f"Something went wrong on our side. Its number is {request_id}.", 500)

    def _form(self, token: str, refusal: DomainError | None = None) -> Response:
        response = self._rendered(
            heading=self.page.heading,
            page=self.page,
            token=token,
            given={} if refusal is None else request.form,
            refusal=None if refusal is None else self.page.sentence(refusal),
            refused_field=None if refusal is None else refusal.details.get("field"),
        )
        if refusal is not None:
            response.status_code = refusal.http_status
            response.headers.update(retry_header(refusal))
        return response

    def _outcome(self, heading: str, message: str, status: int) -> Response:
        response = self._rendered(heading=heading, message=message)
        response.status_code = status
        return response

    def _rendered(self, **context: object) -> Response:
        html = render_template("account_page.html", shop_name=self.shop.settings.shop_name, **context)
        return secured(make_response(html), has_form=True)


def _verify(shop: Shop, token: str, _given: Mapping[str, str]) -> str:
    verifying.verify_email(shop.database, shop.links, token=token)
    return verifying.VERIFIED


def _reset_password(shop: Shop, token: str, given: Mapping[str, str]) -> str:
    changing_password.reset_password(
        shop.database, shop.passwords, shop.links, token=token, new=given.get("newPassword", ""), cache=shop.cache
    )
    return changing_password.RESET_DONE


def _confirm_email(shop: Shop, token: str, _given: Mapping[str, str]) -> str:
    changing_email.confirm_email_change(shop.database, shop.links, token=token, cache=shop.cache)
    return changing_email.EMAIL_CHANGED


def _accept_invitation(shop: Shop, token: str, given: Mapping[str, str]) -> str:
    inviting.accept_invitation(
        shop.database,
        shop.passwords,
        shop.links,
        token=token,
        name=given.get("name", ""),
        password=given.get("password", ""),
        cache=shop.cache,
    )
    return inviting.ACCEPTED


def _password(name: str, label: str) -> Field:
    hint = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, and none of those everybody tries first."
    return Field(name, label, "new-password", hint, "password", SHORTEST_PASSWORD, LONGEST_PASSWORD)


PAGES = (
    Page(
        "/verify",
        "Is this address yours?",
        "You got this link because somebody opened an account with your e-mail address. If it was you, confirm it.",
        "Yes, this is my address",
        "Your address is confirmed",
        _verify,
    ),
    Page(
        "/reset-password",
        "Choose a new password",
        "With it, all devices that are logged in to your account are logged out.",
        "Change the password",
        "Your password is changed",
        _reset_password,
        (_password("newPassword", "New password"),),
    ),
    Page(
        "/confirm-email",
        "Use this address from now on?",
        "You asked to change the e-mail address of your account to the one this mail was sent to.",
        "Yes, change my address",
        "Your address is changed",
        _confirm_email,
    ),
    Page(
        "/accept-invitation",
        "Join the staff",
        "You were invited to work here. With an account you have already, give its password; your name stays.",
        "Accept the invitation",
        "Welcome",
        _accept_invitation,
        (Field("name", "Your name", "name"), _password("password", "Password")),
    ),
)
