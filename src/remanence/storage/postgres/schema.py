"""The tables of a store in PostgreSQL: checked when it is opened, made and brought up to date by a
command.

A service needs no right to change tables: whoever has it runs `remanence migrate`.
"""

from typing import Final

import psycopg

from remanence.errors import ConfigError, NotAStore, StorageError, StoreTooNew
from remanence.storage import migration
from remanence.storage.postgres import addresses
from remanence.storage.postgres.failures import translated
from remanence.storage.postgres.sessions import Session

MIGRATIONS: Final = "postgres/migrations"
OLDEST: Final = 150_000  # server_version_num
_NOTED: Final = b"CREATE TABLE IF NOT EXISTS migration (number bigint PRIMARY KEY, at timestamptz)"
_LOCK: Final = 0x524D4E43  # of one migration at a time, in the database
WITH_WORDS: Final = (
    *("episode", "projection", "candidate", "namespace"),
    *("model", "state", "adapter", "blob", "api_key"),
)
"""Tables whose rows may hold words, or what was made of them."""


def check(session: Session, address: addresses.Address) -> bool:
    """Check server and tables; return whether commits wait for a standby.

    Raises `NotAStore`, `StoreTooNew`, `StorageError`, `ConfigError`.
    """
    shown = address.shown
    if unsafe := unsafe_settings(session):
        raise ConfigError(
            f"{shown}: the server has {' and '.join(unsafe)}: what it acknowledges may be lost; "
            "turn it on"
        )
    known, found = len(migration.scripts(MIGRATIONS)), version(session, address)
    if found == 0:
        raise NotAStore(f"{shown}: has no store; make one with `remanence migrate`")
    if found > known:
        raise StoreTooNew(
            f"{shown}: has schema {found}, this version knows up to {known}; upgrade remanence"
        )
    if found < known:
        raise StorageError(
            f"{shown}: has schema {found}, this version needs {known}; run `remanence migrate`"
        )
    return bool(setting(session, "synchronous_standby_names"))


def unsafe_settings(session: Session) -> list[str]:
    """Return the settings that let a server lose what it has acknowledged."""
    names = ("fsync", "full_page_writes")
    return [f"{name}=off" for name in names if setting(session, name) == "off"]


def setting(session: Session, name: str) -> str:
    """Return the value of a setting of the server."""
    row = session.execute(b"SELECT current_setting($1)", [name]).fetchone()
    return "" if row is None else str(row[0])


def version(session: Session, address: addresses.Address) -> int:
    """Return the number of the newest migration of a store; 0 where there is none."""
    if session.info.server_version < OLDEST:
        raise StorageError(
            f"{address.shown}: is PostgreSQL {session.info.server_version // 10_000}; "
            f"version {OLDEST // 10_000} or later is needed"
        )
    if session.info.encoding != "utf-8" or setting(session, "server_encoding") != "UTF8":
        raise StorageError(f"{address.shown}: the database is not in UTF-8; make one that is")
    table = f"{address.schema}.migration"
    row = session.execute(b"SELECT to_regclass($1)::text", [table]).fetchone()
    if row is None or row[0] is None:
        return 0
    newest = session.execute(f"SELECT max(number) FROM {table}".encode()).fetchone()
    return 0 if newest is None else int(newest[0] or 0)


def migrate(path: str) -> tuple[int, int]:
    """Make the tables of a store, or bring them up to date; return its versions before and after.

    One transaction: all or nothing. Raises `StoreTooNew`, `StorageError`, `ConfigError`.
    """
    address = addresses.parse(path)
    scripts = migration.scripts(MIGRATIONS)
    with translated(address.shown):
        session = Session.connect(address.conninfo, **addresses.options(address, timeout=30.0))
        with session, session.transaction():
            session.execute(b"SELECT pg_advisory_xact_lock($1)", [_LOCK])
            before = version(session, address)
            if before > len(scripts):
                raise StoreTooNew(
                    f"{address.shown}: has schema {before}, this version knows up to "
                    f"{len(scripts)}; upgrade remanence"
                )
            if before == 0 and not _has_schema(session, address.schema):
                session.execute(f"CREATE SCHEMA {address.schema}".encode())
            session.execute(b"SELECT set_config('search_path', $1, true)", [address.schema])
            session.execute(_NOTED)
            for number, script in enumerate(scripts[before:], before + 1):
                # Several statements at once go by the simple protocol, without bound values.
                psycopg.ClientCursor(session).execute(script.encode())
                session.execute(b"INSERT INTO migration VALUES ($1, now())", [number])
    return before, len(scripts)


def _has_schema(session: Session, name: str) -> bool:
    found = session.execute(b"SELECT 1 FROM pg_namespace WHERE nspname = $1", [name]).fetchone()
    return found is not None


def index_problems(session: Session, schema: str) -> list[str]:
    """Return what is wrong with indexes: those that are invalid, and what amcheck finds.

    amcheck is asked only where the database has it.
    """
    query = b"""SELECT c.oid, c.relname, i.indisvalid FROM pg_index AS i
        JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 ORDER BY c.relname"""
    indexes = session.execute(query, [schema]).fetchall()
    found = [f"index {name} is invalid; run REINDEX" for _, name, valid in indexes if not valid]
    has = session.execute(b"SELECT 1 FROM pg_extension WHERE extname = 'amcheck'").fetchone()
    for oid, name, valid in indexes if has else []:
        try:
            if valid:
                session.execute(b"SELECT bt_index_check($1::oid)", [oid])
        except (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted) as error:
            found.append(f"index {name}: {error}")
    return found
