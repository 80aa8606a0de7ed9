"""The configuration of coding agents, changed so that their hooks call Remanence.

A change is made as values first: for each file, its text before and after. Entries of ours are
known by their command, so that installing twice changes nothing and removing takes out exactly what
was put in. What is not ours stays as it is.
"""

import difflib
import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

from remanence import durable
from remanence.errors import ConfigError, InvalidInput

SECONDS: Final = 10  # a hook may take
_MARKS: Final = (" hook ", "/hooks/")  # in a command or an address of ours


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one file."""

    path: Path
    """The file."""
    before: str | None
    """Its text; None where there is no such file."""
    after: str | None
    """Its text afterwards; None: it is removed."""

    def shown(self) -> str:
        """Return the change as a unified diff."""
        old, new = ((each or "").splitlines() for each in (self.before, self.after))
        return "\n".join(
            difflib.unified_diff(old, new, str(self.path), str(self.path), lineterm="")
        )


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a client reaches the memory."""

    client: str
    """The client's name."""
    command: tuple[str, ...]
    """The command `remanence hook CLIENT ...`, word by word."""
    url: str | None = None
    """The address of a running service; None: each hook opens the store itself."""

    @property
    def line(self) -> str:
        """The command as a shell reads it."""
        return shlex.join(self.command)


Edit = Callable[[dict[str, Any], Wiring | None], None]


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A file of JSON that a client reads, and how our entries are put in (or, with None, out)."""

    path: str
    """Below the home folder."""
    edit: Edit
    """Changes what the file holds."""


def _hooks(events: dict[str, str], seconds: int) -> Edit:
    """Return an edit of `{"hooks": {EVENT: [{"matcher", "hooks": [entry]}]}}`."""

    def edit(held: dict[str, Any], wiring: Wiring | None) -> None:
        hooks = held.setdefault("hooks", {})
        for event, matcher in events.items():
            groups = [each for each in hooks.get(event, []) if not _is_ours(each)]
            if wiring is not None:
                entry = _entry(wiring, seconds)
                groups.append({**({"matcher": matcher} if matcher else {}), "hooks": [entry]})
            _put(hooks, event, groups)
        _put(held, "hooks", hooks)

    return edit


def _entry(wiring: Wiring, seconds: int) -> dict[str, Any]:
    if wiring.url is None or wiring.client != "claude-code":
        return {"type": "command", "command": wiring.line, "timeout": seconds}
    return {
        "type": "http",
        "url": f"{wiring.url.rstrip('/')}/hooks/{wiring.client}",
        "headers": {"Authorization": "Bearer $REMANENCE_API_KEY"},
        "allowedEnvVars": ["REMANENCE_API_KEY"],
        "timeout": seconds,
    }


def _cursor(held: dict[str, Any], wiring: Wiring | None) -> None:
    held.setdefault("version", 1)
    hooks = held.setdefault("hooks", {})
    for event in ("beforeSubmitPrompt", "afterAgentResponse"):
        entries = [each for each in hooks.get(event, []) if not _is_ours(each)]
        if wiring is not None:
            entries.append({"command": wiring.line})
        _put(hooks, event, entries)
    _put(held, "hooks", hooks)
    if wiring is None and set(held) == {"version"}:
        held.clear()


def _servers(held: dict[str, Any], wiring: Wiring | None) -> None:
    """Put the tools of `remanence mcp` in or out: how a client without context from hooks asks."""
    servers = held.setdefault("mcpServers", {})
    if wiring is None:
        servers.pop("remanence", None)
    else:
        program = wiring.command[: wiring.command.index("hook")]
        servers["remanence"] = {"command": program[0], "args": [*program[1:], "mcp"]}
    _put(held, "mcpServers", servers)


def _openclaw(held: dict[str, Any], wiring: Wiring | None) -> None:
    plugins = held.setdefault("plugins", {})
    entries = plugins.setdefault("entries", {})
    if wiring is None:
        entries.pop("remanence", None)
    else:
        entries["remanence"] = {"enabled": True, "hooks": {"allowConversationAccess": True}}
    _put(plugins, "entries", entries)
    _put(held, "plugins", plugins)


def _put(held: dict[str, Any], key: str, value: Any) -> None:
    """Set a key, or drop it where its value would be empty."""
    if value:
        held[key] = value
    else:
        held.pop(key, None)


def _is_ours(entry: Any) -> bool:
    told = json.dumps(entry)
    return "remanence" in told.lower() and any(mark in told for mark in _MARKS)


JSON_FILES: Final[dict[str, tuple[JsonFile, ...]]] = {
    "claude-code": (
        JsonFile(".claude/settings.json", _hooks({"UserPromptSubmit": "", "Stop": ""}, SECONDS)),
    ),
    "codex": (
        JsonFile(".codex/hooks.json", _hooks({"UserPromptSubmit": "", "Stop": ""}, SECONDS)),
    ),
    "gemini": (
        JsonFile(
            ".gemini/settings.json",
            _hooks({"BeforeAgent": "*", "AfterAgent": "*"}, SECONDS * 1000),  # milliseconds there
        ),
    ),
    "cursor": (JsonFile(".cursor/hooks.json", _cursor), JsonFile(".cursor/mcp.json", _servers)),
    "opencode": (),
    "openclaw": (JsonFile(".openclaw/openclaw.json", _openclaw),),
}
"""Client -> the files of JSON that are changed."""
PLUGIN_FILES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "opencode": (("opencode.js", ".config/opencode/plugin/remanence.js"),),
    "openclaw": tuple(
        (f"openclaw/{name}", f".openclaw/extensions/remanence/{name}")
        for name in ("index.js", "openclaw.plugin.json", "package.json")
    ),
}
"""Client -> (file of this package, where it goes below the home folder)."""


def changes(client: str, home: Path, wiring: Wiring | None) -> list[Change]:
    """Return what installing a client changes; with no wiring, what removing it does.

    Files that are as they should be are left out. Raises `InvalidInput` for an unknown client and
    for a file that is not JSON: nothing is changed in one that cannot be read.
    """
    if client not in JSON_FILES:
        raise InvalidInput(f"no coding agent {client!r:.40}; there are {', '.join(JSON_FILES)}")
    found = [_edited(home / file.path, file.edit, wiring) for file in JSON_FILES[client]]
    for source, target in PLUGIN_FILES.get(client, ()):
        path = home / target
        after = None if wiring is None else _plugin(source, wiring)
        found.append(Change(path, _text(path), after))
    return [each for each in found if each.before != each.after]


def _edited(path: Path, edit: Edit, wiring: Wiring | None) -> Change:
    before = _text(path)
    try:
        held = json.loads(before) if before and before.strip() else {}
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON ({error}); mend it, nothing was changed") from None
    if not isinstance(held, dict):
        raise InvalidInput(f"{path} is not a JSON object; nothing was changed")
    unchanged = json.dumps(held)
    edit(held, wiring)
    if before is None and not held:
        return Change(path, None, None)
    if json.dumps(held) == unchanged:
        return Change(path, before, before)
    return Change(path, before, json.dumps(held, indent=2, ensure_ascii=False) + "\n")


def _plugin(source: str, wiring: Wiring) -> str:
    text = (resources.files(__package__) / "plugins" / source).read_text(encoding="utf-8")
    return text.replace('["__COMMAND__"]', json.dumps(list(wiring.command)))


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read ({error}); nothing was changed") from None


def apply(found: Sequence[Change]) -> None:
    """Write changes, each file whole or not at all. Raises `ConfigError`."""
    for change in found:
        try:
            if change.after is None:
                change.path.unlink(missing_ok=True)
            else:
                change.path.parent.mkdir(parents=True, exist_ok=True)
                durable.write(change.path, change.after.encode())
        except OSError as error:
            raise ConfigError(f"{change.path} could not be written: {error}") from error
