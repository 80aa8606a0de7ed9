"""Addresses of stores in PostgreSQL: a connection URI, with options of the store's in its query."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from remanence.errors import ConfigError

SCHEMA: Final = "remanence"  # where the tables are, unless the address says otherwise
POOL: Final = 10  # connections, unless the address says otherwise
PREPARED_AFTER: Final = 2  # uses of a statement after which it is prepared
_SCHEMA: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_PASSWORD: Final = re.compile(r"(//[^:/?@]*):[^@]*@")
_SECRETS: Final = ("password", "sslpassword")


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a store in PostgreSQL, and how to reach it."""

    conninfo: str
    """The connection URI for libpq, without the options of the store."""
    shown: str
    """The address without its passwords, for messages."""
    schema: str = SCHEMA
    """The schema that has the tables: `schema=`."""
    pool: int = POOL
    """The most connections of one process: `pool=`."""
    prepare: bool = True
    """Whether statements are prepared: `prepare=off` for poolers that cannot keep them."""


def parse(address: str) -> Address:
    """Return an address in its parts. Raises `ConfigError` for an option that cannot be used."""
    base, _, query = _uri(address).partition("?")
    options = parse_qsl(query, keep_blank_values=True)
    ours = {key: value for key, value in options if key in ("schema", "pool", "prepare")}
    libpq = [(key, value) for key, value in options if key not in ours]
    shown = _PASSWORD.sub(r"\1@", base)
    public = [(key, value) for key, value in options if key not in _SECRETS]
    conninfo = base + _query(libpq)
    try:
        conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        raise ConfigError(
            f"{shown}: is no address that libpq reads; write postgresql://USER@HOST/DATABASE"
        ) from None  # libpq's message has the address, and the password in it
    return Address(
        conninfo=conninfo,
        shown=shown + _query(public),
        schema=_schema(ours.get("schema", SCHEMA)),
        pool=_pool(ours.get("pool", str(POOL))),
        prepare=_switch(ours.get("prepare", "on")),
    )


def options(address: Address, timeout: float) -> dict[str, Any]:
    """Return arguments of `psycopg.connect`: what the address leaves open, within `timeout` s."""
    named = conninfo_to_dict(address.conninfo)
    limit = max(1, int(timeout))
    wanted: dict[str, Any] = {
        "application_name": "remanence",
        "connect_timeout": max(2, limit),
        "tcp_user_timeout": limit * 1_000,  # a server that has gone silent is given up
    }
    return {
        "autocommit": True,
        "cursor_factory": psycopg.RawCursor,
        "prepare_threshold": PREPARED_AFTER if address.prepare else None,
        **{key: value for key, value in wanted.items() if key not in named},
    }


def _uri(address: str) -> str:
    scheme, separator, rest = address.partition(":")
    if not separator or not rest.startswith("//"):
        raise ConfigError(f"{scheme}: write the address as postgresql://USER@HOST/DATABASE")
    return address


def _query(options: list[tuple[str, str]]) -> str:
    return "?" + urlencode(options, quote_via=quote, safe="/") if options else ""


def _schema(given: str) -> str:
    if not _SCHEMA.fullmatch(given) or given.startswith("pg_"):
        raise ConfigError(
            f"schema={given!r:.80} is no name for a schema: small letters, digits and underscores"
        )
    return given


def _pool(given: str) -> int:
    if not given.isascii() or not given.isdigit() or not 2 <= int(given) <= 1_000:
        raise ConfigError(f"pool={given!r:.80} is not between 2 and 1000 connections")
    return int(given)


def _switch(given: str) -> bool:
    if given not in ("on", "off"):
        raise ConfigError(f'prepare={given!r:.80} is neither "on" nor "off"')
    return given == "on"
