"""Settings of accounts, mail and the web: lists, addresses, what must come together, and what production refuses."""

from pathlib import Path

import pytest

from tests.unit.test_config import GOOD_PRODUCTION, HEAD, load, refusal
from utils.config import DEVELOPMENT_SECRET

ORIGINS = "allowed is origins such as https://shop.example, with commas between them or as a JSON list, or *."


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", ()),
        ("http://localhost:3000", ("http://localhost:3000",)),
        ("http://localhost:3000,http://127.0.0.1:3000", ("http://localhost:3000", "http://127.0.0.1:3000")),
        (" https://A.example , https://b.example, ", ("https://a.example", "https://b.example")),
        ('["https://a.example", "https://b.example:8443"]', ("https://a.example", "https://b.example:8443")),
        ("[]", ()),
        ("*", ("*",)),
    ],
)
def test_origins_are_a_list_with_commas_or_json(tmp_path: Path, text: str, read: tuple[str, ...]) -> None:
    assert load(tmp_path, CORS_ORIGINS=text).cors_origins == read


@pytest.mark.parametrize(
    "text",
    [
        "localhost:3000",
        "https://a.example/",
        "https://a.example/path",
        "https://*.example",
        "https://user@a.example",
        "ftp://a.example",
        "*,https://a.example",
        '["https://a.example"',
        "null",
        "https://",
    ],
)
def test_what_is_no_origin_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, CORS_ORIGINS=text) == (
        f"{HEAD}CORS_ORIGINS={text!r} in the process environment: {ORIGINS}"
    )


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, "http://127.0.0.1:5000"),
        ({"PORT": "8000", "HOST": "0.0.0.0"}, "http://127.0.0.1:8000"),
        ({"HOST": "::"}, "http://127.0.0.1:5000"),
        ({"HOST": "::1"}, "http://[::1]:5000"),
        ({"HOST": "shop.internal", "PORT": "80"}, "http://shop.internal:80"),
        ({"PUBLIC_URL": "https://shop.example/"}, "https://shop.example"),
        ({"PUBLIC_URL": "https://example.com/shop"}, "https://example.com/shop"),
        ({"RENDER_EXTERNAL_URL": "https://shop.onrender.com"}, "https://shop.onrender.com"),
        (
            {"PUBLIC_URL": "https://shop.example", "RENDER_EXTERNAL_URL": "https://shop.onrender.com"},
            "https://shop.example",
        ),
    ],
)
def test_the_address_that_links_begin_with(tmp_path: Path, variables: dict[str, str], address: str) -> None:
    assert load(tmp_path, **variables).public_url == address


@pytest.mark.parametrize(
    "url", ["shop.example", "ftp://shop.example", "https://", "https://a.b/?x=1", "https://a.b/#x"]
)
def test_what_is_no_address_to_reach_us_by_is_refused(tmp_path: Path, url: str) -> None:
    assert refusal(tmp_path, PUBLIC_URL=url) == (
        f"{HEAD}PUBLIC_URL={url!r} in the process environment: "
        "allowed is the address people reach this by, https://HOST."
    )


@pytest.mark.parametrize(
    ("environment", "said", "required"),
    [
        ("development", "", False),
        ("test", "", False),
        ("production", "", True),
        ("production", "false", False),
        ("development", "true", True),
    ],
)
def test_whether_unproven_addresses_may_order(tmp_path: Path, environment: str, said: str, required: bool) -> None:
    variables = GOOD_PRODUCTION | {"ENVIRONMENT": environment, "EMAIL_VERIFICATION_REQUIRED": said}
    assert load(tmp_path, **variables).verification_required is required


def test_previous_secrets_are_a_list(tmp_path: Path) -> None:
    assert load(tmp_path, JWT_PREVIOUS_SECRETS="one, two").jwt_previous_secrets == ("one", "two")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"MAIL_PROVIDER": "smtp"}, "SMTP_HOST: MAIL_PROVIDER=smtp needs it."),
        ({"MAIL_PROVIDER": "sendgrid"}, "SENDGRID_API_KEY: MAIL_PROVIDER=sendgrid needs it."),
        ({"SMTP_USER": "shop"}, "SMTP_USER, SMTP_PASSWORD: set both or neither."),
        ({"SMTP_PASSWORD": "x"}, "SMTP_USER, SMTP_PASSWORD: set both or neither."),
        (
            {"SMTP_USER": "shop", "SMTP_PASSWORD": "x", "SMTP_SECURITY": "none"},
            "SMTP_SECURITY: allowed with a password is starttls or tls, so that nobody reads it.",
        ),
        ({"MAIL_FROM": "nobody"}, "MAIL_FROM='nobody' in the process environment: allowed is an e-mail address."),
        (
            {"MAIL_PROVIDER": "pigeon"},
            "MAIL_PROVIDER='pigeon' in the process environment: allowed is smtp, sendgrid, console.",
        ),
        ({"SHOP_NAME": "x" * 61}, f"SHOP_NAME='{'x' * 60}' in the process environment: allowed is 1 to 60 characters."),
    ],
)
def test_mail_that_could_not_be_sent_is_refused(tmp_path: Path, variables: dict[str, str], told: str) -> None:
    assert refusal(tmp_path, **variables) == f"{HEAD}{told}"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (
            {"PUBLIC_URL": "http://shop.example"},
            "PUBLIC_URL: production needs the https:// address people reach this by; links in mails begin with it.",
        ),
        (
            {"MAIL_PROVIDER": "console"},
            "MAIL_PROVIDER: production needs smtp or sendgrid; on the console, links that open accounts stand in logs.",
        ),
        ({"MAIL_FROM": ""}, "MAIL_FROM: production needs an address of yours."),
        (
            {"CORS_ORIGINS": "*"},
            "CORS_ORIGINS: production needs exact origins; with *, any page could act in your customers' names.",
        ),
        (
            {"JWT_PREVIOUS_SECRETS": "short"},
            "JWT_PREVIOUS_SECRETS: each must be one of your own, 32 bytes or longer; take away the others.",
        ),
        (
            {"JWT_PREVIOUS_SECRETS": DEVELOPMENT_SECRET},
            "JWT_PREVIOUS_SECRETS: each must be one of your own, 32 bytes or longer; take away the others.",
        ),
    ],
)
def test_production_refuses_open_doors(tmp_path: Path, variables: dict[str, str], told: str) -> None:
    assert refusal(tmp_path, **GOOD_PRODUCTION | variables) == f"{HEAD}{told}"


def test_production_takes_exact_origins_and_good_old_secrets(tmp_path: Path) -> None:
    settings = load(
        tmp_path, **GOOD_PRODUCTION | {"CORS_ORIGINS": "https://shop.example", "JWT_PREVIOUS_SECRETS": "t" * 32}
    )
    assert (settings.cors_origins, settings.jwt_previous_secrets) == (("https://shop.example",), ("t" * 32,))
