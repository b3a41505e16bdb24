"""Joins settings, database, cache and keys into one object; every way of starting the program begins here."""

from dataclasses import dataclass
from datetime import timedelta

from gateways.mail.choosing import mailer_of
from gateways.mail.mail import Mailer
from gateways.payments.choosing import directory_of
from gateways.payments.products import ProductDirectory
from gateways.storage.choosing import storage_of
from gateways.storage.storage import Storage
from services.accounts.sessions import SessionKeeper
from services.catalogue.product_facts import SHAPE
from utils import log
from utils.cache import Cache
from utils.config import Settings, SettingsError
from utils.database import Database
from utils.links import Links
from utils.passwords import Passwords
from utils.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything a request, a task or a command works with."""

    settings: Settings
    database: Database
    cache: Cache
    tokens: Tokens
    passwords: Passwords
    links: Links
    mail: Mailer
    directory: ProductDirectory
    storage: Storage

    @property
    def keeper(self) -> SessionKeeper:
        """What sessions need."""
        lifetime = timedelta(minutes=self.settings.refresh_token_expire_minutes)
        return SessionKeeper(self.tokens, self.cache, lifetime)


def build(settings: Settings) -> Shop:
    """The shop of these settings; connects to nothing yet.

    Refuses (SettingsError) settings without a database or a Redis: only `manage.py serve` starts its own.
    """
    if settings.database_url is None or settings.cache_redis_url is None:
        raise SettingsError(
            "DATABASE_URL and REDIS_URL must name your servers. "
            "(`make run` starts a PostgreSQL and a Redis of its own when they are not set.)"
        )
    log.configure(level=settings.log_level, as_json=settings.environment == "production")
    return Shop(
        settings=settings,
        database=Database(
            settings.database_url,
            pool_size=settings.db_pool_size,
            statement_timeout_ms=settings.db_statement_timeout_ms,
            lock_timeout_ms=settings.db_lock_timeout_ms,
            connect_timeout_seconds=settings.db_connect_timeout_seconds,
        ),
        cache=Cache(settings.cache_redis_url, timeout_ms=settings.redis_timeout_ms, shape=SHAPE),
        tokens=Tokens(
            secret=settings.jwt_secret,
            algorithm=settings.jwt_algorithm,
            lifetime=timedelta(minutes=settings.access_token_expire_minutes),
            previous=settings.jwt_previous_secrets,
        ),
        passwords=Passwords(),
        links=Links(secret=settings.jwt_secret, previous=settings.jwt_previous_secrets),
        mail=mailer_of(settings),
        directory=directory_of(settings),
        storage=storage_of(settings),
    )
