"""What docs/proxy.md says of settings, routes and headers is what the proxy does."""

import re
from pathlib import Path

from remanence.server.proxy import identity
from remanence.server.proxy.providers import PROVIDERS
from remanence.server.settings import PREFIX, Settings
from remanence.text import fence
from remanence.types import Recollection

TEXT = (Path(__file__).parents[3] / "docs" / "proxy.md").read_text(encoding="utf-8")


def test_every_setting_that_is_told_of_is_one_and_has_that_default():
    rows = re.findall(r"^\| (`REMANENCE_.*?) \| (.*?) \|", TEXT, re.MULTILINE)
    told = {
        name: default for names, default in rows for name in re.findall(r"`REMANENCE_(\w+)`", names)
    }
    assert {"MEMORY_MS", "MEMORY_TOKENS", "OPENAI_URL", "ANTHROPIC_KEY"} <= set(told)
    plain = Settings()
    for name, default in told.items():
        value = getattr(plain, name.lower())
        shown = {"": "none", 64 * 1024 * 1024: "64 MiB"}.get(value, f"{value:g}" if value else "")
        assert default == shown, name
    assert all(f"{PREFIX}{name}" in TEXT for name in ("OPENAI_KEY", "ANTHROPIC_URL"))


def test_every_route_and_every_mode_is_told_of():
    for provider in PROVIDERS:
        assert all(f"`POST /{provider.name}{path}`" in TEXT for path in provider.dialects)
    for mode in identity.MODES:
        assert f"`{mode}`" in TEXT


def test_the_fence_is_shown_as_it_is():
    item = Recollection(
        "m1", "I moved to Chengdu in March.", 1.0, "Wei", None, "2025-03-20T09:00:00Z", {}
    )
    opening, title, line, closing = fence.listed([item]).split("\n")
    shown = TEXT[TEXT.index(opening) :].split("\n")[:4]
    assert [shown[0], shown[2], shown[3]] == [opening, line, closing]
    assert title.startswith(shown[1].removesuffix(" ..."))
