"""The conformance suite of the Model Context Protocol against our server over streamable HTTP: how
many checks fail?

The suite calls tools, prompts and resources that it describes; they are put into an offer
(`mcp_fixtures`) as our own are, and served by the same code on the same stack: our guard, our
transport, the SDK beneath. `latest` is the released suite as it is; the two requirement sets are
those that the suite has frozen for a revision of the protocol, in its newest version. What the
suite itself does not score (extensions, scenarios that its own reference server fails) is counted
beside.
"""

import re
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import mcp_fixtures
import mcp_node
import report
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

import remanence
from remanence.server.guard import Guard
from remanence.server.mcp.streaming import serve
from remanence.server.mcp.watching import Watchers
from remanence.server.service import service
from remanence.server.settings import Settings
from remanence.testing import loopback

STABLE, ALPHA = "0.1.16", "0.2.0-alpha.12"
RUNS = (
    ("latest", STABLE, ()),
    ("2025-11-25", ALPHA, ("--requirements", "2025-11-25")),
    ("2026-07-28", ALPHA, ("--requirements", "2026-07-28")),
)
_COUNTED = re.compile(r"^[✓✗] (\S+): (\d+) passed, (\d+) failed", re.MULTILINE)
_UNSCORED = re.compile(r"^  [✓✗] (\S+) \(([a-z-]+)\)", re.MULTILINE)


@contextmanager
def served() -> Iterator[str]:
    """The address of a server with the fixtures, in a thread of this process."""
    watchers = Watchers()
    with remanence.open(":memory:", embedder="hash:8") as memory:
        whole = service(memory, Settings(log="off"))
        site, life = serve(whole, {"/mcp": mcp_fixtures.fixtures(watchers)}, watchers)
        key, _ = whole.keys.create(("read",), ("default",))

        @asynccontextmanager
        async def lifespan(_: Any) -> AsyncIterator[None]:
            async with life:
                yield

        guarded = Starlette(
            routes=[Mount("/", _with_key(Guard(site, whole), key))], lifespan=lifespan
        )
        with loopback.serve(guarded) as url:
            yield f"{url}/mcp"


def _with_key(app: ASGIApp, key: str) -> ASGIApp:
    """The suite has no option for a key: every request that it sends gets this one."""

    async def keyed(scope: Any, receive: Any, send: Any) -> None:
        headers = [*scope["headers"], (b"x-remanence-key", key.encode())]
        await app({**scope, "headers": headers}, receive, send)

    return keyed


def run(url: str, version: str, options: tuple[str, ...]) -> list[tuple[str, int, int, str]]:
    """Scenario, checks passed, checks failed, and why it is not scored ("" where it is)."""
    program = mcp_node.package("@modelcontextprotocol/conformance", version) / "dist" / "index.js"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [mcp_node.node(), str(program), "server", "--url", url, *options],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    unscored = dict(_UNSCORED.findall(done.stdout))
    counted = _COUNTED.findall(done.stdout)
    if not counted:
        raise SystemExit(f"the suite says nothing that is understood:\n{done.stdout}{done.stderr}")
    return [(name, int(good), int(bad), unscored.get(name, "")) for name, good, bad in counted]


def main() -> None:
    args = report.arguments(__doc__).parse_args()
    runs = RUNS[:1] if args.quick else RUNS
    rows: list[list[Any]] = []
    try:
        with served() as url:
            for name, version, options in runs:
                report.say(f"{name}, by conformance {version}")
                found = run(url, version, options)
                rows += [
                    [name, scenario, good, bad, why or "yes"] for scenario, good, bad, why in found
                ]
    except mcp_node.Absent as absent:
        report.show("The conformance suite", ["skipped"], [[str(absent)]], args)
        return
    scored = [row for row in rows if row[4] == "yes"]
    failures = sum(row[3] for row in scored)
    for name, *_ in runs:
        mine = [row for row in scored if row[0] == name]
        passed, failed = (sum(row[place] for row in mine) for place in (2, 3))
        rows.append([name, f"all {len(mine)} that are scored", passed, failed, "yes"])
    report.show(
        "The conformance suite of the Model Context Protocol",
        ["requirements", "scenario", "passed", "failed", "scored"],
        rows,
        args,
        versions={"conformance": f"{STABLE} (latest), {ALPHA} (requirement sets)"},
    )
    if failures:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
