"""The web program: Flask with its doors. Nobody imports it but gunicorn, flask and tests."""

import os
import sys
from zlib import crc32

from flask import Flask, Response

from gateways.mail.choosing import find_mailbox
from graphql_api.limits import LARGEST_BODY
from graphql_api.schema import as_text, core_schema
from graphql_api.view import GraphQLView
from routes import account_pages, accounts, dev_mail, docs, errors, exports, health, home, media, pages, schema_text
from routes.playground import playground_page
from services.catalogue.product_facts import SHAPE
from utils.answers import Answers
from utils.config import SettingsError, load_settings_or_exit
from web import headers
from web.answering import AnswerLayer
from web.callers import trust_proxies
from web.limiting import Limits
from web.origins import admit_origins
from wiring import Shop, build


def create_app(shop: Shop) -> Flask:
    """The Flask application of this shop."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["shop"] = shop
    headers.register(app, shop.settings)
    admit_origins(app, shop.settings)
    limits = Limits(shop)
    schema = core_schema()

    def page() -> Response:
        return playground_page(development=shop.settings.environment != "production")

    view = GraphQLView(shop, schema, page=page, limits=limits)
    app.add_url_rule("/graphql", "graphql", view, methods=["GET", "POST"], provide_automatic_options=False)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(home.blueprint)
    app.register_blueprint(docs.make_blueprint(schema))
    app.register_blueprint(schema_text.make_blueprint(as_text()))
    app.register_blueprint(health.make_blueprint(shop))
    app.register_blueprint(media.make_blueprint(shop))
    app.register_blueprint(exports.make_blueprint(shop, limits))
    app.register_blueprint(accounts.make_blueprint(shop, limits))
    app.register_blueprint(account_pages.make_blueprint(shop, limits))
    if (mailbox := find_mailbox(shop.settings)) is not None:
        app.register_blueprint(dev_mail.make_blueprint(mailbox))
    errors.register(app)
    answers = app.extensions["answers"] = _answers(shop)
    app.wsgi_app = AnswerLayer(app, answers, limits)  # type: ignore[method-assign]
    trust_proxies(app, shop.settings.trusted_proxies)  # around all of it: everything behind counts callers
    return app


def _answers(shop: Shop) -> Answers:
    """The answers kept by this release: one whose schema or whose products look otherwise does not know them."""
    shape = f"{SHAPE}{crc32(as_text().encode()):08x}"
    return Answers(shop.cache, most_bytes=shop.settings.answer_cache_megabytes * 2**20, shape=shape)


def __getattr__(name: str) -> Flask:
    """Builds `app` when gunicorn or flask asks for it, so that tests import this module without settings."""
    if name != "app":
        raise AttributeError(name)
    try:
        made = create_app(build(load_settings_or_exit()))
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    globals()["app"] = made
    return made


if __name__ == "__main__":
    # `python app.py` is the start command of existing deployments: it becomes gunicorn, which is made for the purpose.
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:app"])  # noqa: S606
