"""A served page in a real Chromium; skipped where there is none.

Chromium is that of $CHROMIUM, else one on the PATH (Debian: `apt-get install chromium`); Playwright
and axe-core come with the `dev` extra.
"""

import os
import shutil
from dataclasses import dataclass
from typing import Any

import pytest

import remanence
from remanence import Turn
from remanence.server import page, settings
from remanence.server.app import app
from remanence.server.logs import Log
from remanence.server.service import service
from remanence.testing.loopback import serve

HOSTILE = '<script>window.pwned = 1</script><img src=x onerror="window.pwned = 1">'
TURNS = [
    Turn("I moved to Lisbon in February.", "Mira", "flat", "2026-02-11T09:00:00Z", "flat-1"),
    Turn("Is the flat near the river?", "Tom", "flat", "2026-02-11T09:01:00Z", "flat-2"),
    Turn("我上个月搬到了成都，养了一只猫叫豆豆。", "小伟", "工作", "2026-04-02T09:00:00Z", "w-1"),
    Turn("قرأت الرواية كلها في ليلة واحدة.", "Noor", "book", "2026-05-06T09:00:00Z", "b-1"),
    Turn(HOSTILE, "<b>Mallory</b>", "<i>forum</i>", "2026-09-20T10:00:00Z", "<u>x</u>"),
]


@dataclass(frozen=True)
class Site:
    """A service on loopback."""

    url: str
    memory: remanence.Memory
    key: str
    service: Any

    @property
    def link(self) -> str:
        return page.link(self.url, self.key)


@pytest.fixture(scope="module")
def chromium():
    """A browser for the tests of a module; its event loop ends with them."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium: apt-get install chromium, or set $CHROMIUM")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(plain):
    """A service over a few turns in three scripts, one of them hostile."""
    plain.remember(TURNS)
    plain.learn("Mira", "lives_in", "Porto", valid_from="2020-01-01", valid_until="2026-02-01")
    plain.learn("Mira", "lives_in", "Lisbon", valid_from="2026-02-01")
    made = service(plain, settings.load({}), Log(None))
    key, _ = made.keys.create(("read", "write", "delete", "admin", "proxy"), label="first")
    with serve(app(made)) as url:
        yield Site(url, plain, key, made)


class Window:
    """A page, and what its console and its policy complained of."""

    def __init__(self, opened: Any) -> None:
        self.page = opened
        self.complaints: list[str] = []
        opened.on("pageerror", lambda error: self.complaints.append(str(error)))
        opened.on("console", self._told)

    def _told(self, message: Any) -> None:
        refused = message.text.startswith("Failed to load resource")  # a status that is expected
        if message.type in ("error", "warning") and not refused:
            self.complaints.append(message.text)


@pytest.fixture
def window(chromium):
    """Opens a page of a size, in colours and a language;

    nothing may be complained of at the end.
    """
    contexts, windows = [], []

    def open_(width=1440, height=900, *, colours="light", language="en-GB") -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=colours,
            locale=language,
            timezone_id="UTC",
        )
        contexts.append(context)
        made = Window(context.new_page())
        windows.append(made)
        return made.page

    yield open_
    for context in contexts:
        context.close()
    assert [told for made in windows for told in made.complaints] == []
