"""The database: engines, sessions, and the only place in the house that commits."""

import select
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import CursorResult, Engine, ExceptionContext, QueuePool, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

from utils.errors import Unavailable

_AFTER_COMMIT = "after_commit"
# PostgreSQL's codes for "not now": cancelled by timeout, lock timeout, deadlock, serialization, too many connections,
# shutting down, crashed, starting.
_TRY_AGAIN = frozenset({"57014", "55P03", "40P01", "40001", "53300", "57P01", "57P02", "57P03"})
# It takes no writes, as a server is for a moment when another takes over. A read session meets it only by our fault.
_READ_ONLY = "25006"

log = structlog.get_logger(__name__)


class ReadSession(Session):
    """A session that refuses to write; the database connection behind it is read-only as well."""


@event.listens_for(ReadSession, "before_flush")
def _refuse_to_write(session: Session, _context: object, _instances: object) -> None:
    raise RuntimeError("a read session was asked to write")


def after_commit(session: Session, act: Callable[[], object]) -> None:
    """Runs `act` once this transaction is committed, and never if it is not; its failure is logged, not raised."""
    session.info.setdefault(_AFTER_COMMIT, []).append(act)


def run(session: Session, statement: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Executes a fixed statement of a hot path as it stands, in the driver's own style: `%(name)s` for a value.

    Nothing is compiled or looked up, which is most of what a statement costs in Python.
    """
    return session.connection().exec_driver_sql(statement, dict(values))


class _Pool(QueuePool):
    """Connections for as many at once as there are; whoever waits too long for one is refused with UNAVAILABLE."""

    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except PoolTimeout as fault:
            raise Unavailable("The shop is very busy. Try again in a few seconds.") from fault


def _engine(url: str, *, read_only: bool, pool_size: int, options: dict[str, int], connect_timeout: int) -> Engine:
    # A prepared statement (utils/prepared.py) is one whose plan is the same for all values.
    settings: dict[str, object] = {**options, "timezone": "UTC", "plan_cache_mode": "force_generic_plan"}
    if read_only:
        settings["default_transaction_read_only"] = "on"
    engine = create_engine(
        url,
        poolclass=_Pool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=connect_timeout,
        pool_recycle=1800,
        # A read is one statement or a few that need no common snapshot: no BEGIN and ROLLBACK around each.
        isolation_level="AUTOCOMMIT" if read_only else "READ COMMITTED",
        query_cache_size=1000,
        # Faults are logged, and among the parameters are addresses and password hashes.
        hide_parameters=True,
        connect_args={
            "connect_timeout": connect_timeout,
            "application_name": "commerce-backend",
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            # A server that vanished without a word is noticed in about half a minute.
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15000,
        },
    )
    event.listen(engine, "checkout", _refuse_dead)
    if read_only:
        event.listen(engine, "handle_error", _refusal_of_a_read)
    return engine


class Database:
    """PostgreSQL through two pools: one that writes in transactions, one that can only read."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 8,
        statement_timeout_ms: int = 5000,
        lock_timeout_ms: int = 3000,
        connect_timeout_seconds: int = 3,
    ) -> None:
        options = {
            "statement_timeout": statement_timeout_ms,
            "lock_timeout": lock_timeout_ms,
            "idle_in_transaction_session_timeout": 2 * statement_timeout_ms,
        }
        for_both: dict[str, Any] = {
            "pool_size": pool_size,
            "options": options,
            "connect_timeout": connect_timeout_seconds,
        }
        self.engine = _engine(url, read_only=False, **for_both)
        self.reading_engine = _engine(url, read_only=True, **for_both)

    @contextmanager
    def write(self, *, without_time_limit: bool = False) -> Iterator[Session]:
        """One transaction: commits when the block ends, rolls back when it raises, then runs what waits for the commit.

        Refuses with UNAVAILABLE when the database is away, busy beyond its timeouts, or broke a deadlock.
        `without_time_limit` is for what goes through whole tables, or reads a file between its statements; whoever
        waits for a lock still does so only so long.
        """
        with _translated(), self._write_session() as session:
            with session.begin():
                if without_time_limit:
                    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                        session.execute(text(f"SET LOCAL {limit} = 0"))
                yield session
            _run_after_commit(session)

    @contextmanager
    def read(self, *, without_time_limit: bool = False) -> Iterator[Session]:
        """A read-only session. Refuses with UNAVAILABLE when the database is away or too slow.

        `without_time_limit` is for commands that go through whole tables.
        """
        # Refusals are raised where a statement fails, not here: a request keeps its session open across many fields.
        with self._read_session() as session:
            if without_time_limit:
                session.execute(text("SET statement_timeout = 0"))
            try:
                yield session
            finally:
                if without_time_limit:
                    session.execute(text("RESET statement_timeout"))

    def _write_session(self) -> Session:
        return Session(self.engine, expire_on_commit=False)

    def _read_session(self) -> Session:
        return ReadSession(self.reading_engine, autoflush=False, expire_on_commit=False)

    def ping(self) -> None:
        """Answers when the database does; refuses with UNAVAILABLE otherwise."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def after_fork(self) -> None:
        """Forgets the connections of the process this one was forked from, without closing them: they are not ours."""
        self.engine.dispose(close=False)
        self.reading_engine.dispose(close=False)

    def dispose(self) -> None:
        """Closes every idle connection."""
        self.engine.dispose()
        self.reading_engine.dispose()


def _run_after_commit(session: Session) -> None:
    for act in session.info.pop(_AFTER_COMMIT, []):
        try:
            act()
        # The outbox repeats what must not be lost; the caller's commit stands and is acknowledged.
        except Unavailable as refusal:
            log.warning("an act after the commit was refused", reason=refusal.message)
        except Exception:
            log.exception("an act after the commit failed")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as fault:
        refusal = _refusal(fault)
        if refusal is None and getattr(fault.orig, "pgcode", None) == _READ_ONLY:
            refusal = _not_now()
        if refusal is None:
            raise
        raise refusal from fault


def _refuse_dead(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """Makes the pool connect anew when the server has closed this connection while it lay idle.

    PostgreSQL says nothing on an idle connection but goodbye, so one that can be read is dead. Unlike a ping before
    every use (SQLAlchemy's pre-ping), this is no journey to the server.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise DisconnectionError("the server closed this connection")


def _refusal_of_a_read(failed: ExceptionContext) -> Unavailable | None:
    fault = failed.sqlalchemy_exception
    return _refusal(fault) if isinstance(fault, DBAPIError) else None


def _refusal(fault: DBAPIError) -> Unavailable | None:
    """UNAVAILABLE where the same statement may succeed later; None for what is wrong with the statement itself."""
    state = getattr(fault.orig, "pgcode", None)
    lost = fault.connection_invalidated or (isinstance(fault, OperationalError) and state is None)
    if lost or state in _TRY_AGAIN:
        return _not_now()
    return None


def _not_now() -> Unavailable:
    return Unavailable("The database did not answer in time. Try again in a few seconds.")
