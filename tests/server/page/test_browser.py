"""The page as somebody sees it: in a Chromium, signed in by the printed link."""

import json
import re
from itertools import product
from pathlib import Path

import pytest

from remanence import Turn

pytestmark = pytest.mark.slow
VIEWS = ("memories", "recall?q=Where+does+Mira+live")
SIZES = ((1440, 900), (360, 780))


def opened(window, site, route="", **looks):
    page = window(**looks)
    page.goto(site.link)
    page.wait_for_selector("main#content")
    if route:
        page.goto(f"{site.url}/#/{route}")
    return page


def row(page, text):
    return page.get_by_role("button").filter(has_text=text)


def axe(page):
    """What axe-core finds: rule and place."""
    import axe_playwright_python

    source = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
    page.evaluate(source)
    found = page.evaluate("axe.run().then((told) => told.violations)")
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


# -- signing in ------------------------------------------------------------------------------


def test_the_link_signs_in_and_leaves_no_key_in_the_address(window, site):
    page = opened(window, site)
    assert row(page, "I moved to Lisbon").is_visible()
    assert site.key not in page.url and site.key not in page.evaluate("document.cookie")
    page.reload()
    assert row(page, "I moved to Lisbon").is_visible()


def test_without_a_key_nothing_is_shown_and_a_wrong_one_is_refused(window, site):
    page = window()
    page.goto(site.url)
    assert "Lisbon" not in page.content()
    page.get_by_label("Key").fill("nonsense")
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("alert").inner_text() == "A key begins with rmn_."
    page.get_by_label("Key").fill(site.key)
    page.keyboard.press("Enter")
    assert row(page, "I moved to Lisbon").is_visible() or page.wait_for_selector("main#content")
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_label("Key").is_visible()
    assert page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})").count("rmn_") == 0


# -- looking -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "colours"), list(product(SIZES, ("light", "dark"))))
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(window, site, size, colours):
    page = opened(window, site, width=size[0], height=size[1], colours=colours)
    for view in VIEWS:
        page.goto(f"{site.url}/#/{view}")
        page.wait_for_load_state("networkidle")
        assert axe(page) == [], view
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(over) <= 0, view


def test_what_is_stored_is_shown_as_text_and_never_run(window, site):
    page = opened(window, site)
    found = row(page, "<script>window.pwned")
    assert "<b>Mallory</b>" in found.inner_text() and "<i>forum</i>" in found.inner_text()
    found.click()
    detail = page.get_by_role("region", name="Details")
    detail.locator(".said").first.wait_for()
    assert "<img src=x onerror=" in detail.inner_text() and "<u>x</u>" in detail.inner_text()
    page.goto(f"{site.url}/#/recall?q=script")
    page.wait_for_selector(".candidate")
    assert page.evaluate("window.pwned") is None
    assert page.locator("main script, main img, main b b, main u").count() == 0


def test_text_from_right_to_left_runs_so(window, site):
    page = opened(window, site)
    said = row(page, "قرأت").locator(".said")
    assert said.evaluate("(one) => getComputedStyle(one).direction") == "rtl"
    assert (
        row(page, "Lisbon in").locator(".said").evaluate("(one) => getComputedStyle(one).direction")
        == "ltr"
    )


def test_ten_megabytes_of_text_are_shown_piece_by_piece(window, site):
    sentence = "The depot counted the parcels again and wrote the number down. "
    site.memory.remember(sentence * (10_000_000 // len(sentence)), id="long", namespace="long")
    page = opened(window, site)
    page.get_by_label("Namespace").select_option("long")
    page.goto(f"{site.url}/#/memories?id=long")
    detail = page.get_by_role("region", name="Details")
    detail.get_by_role("button", name="Show more").click()
    assert 40_000 <= len(detail.locator(".said").first.inner_text()) < 41_000


def test_it_speaks_chinese_where_the_browser_does_and_on_demand(window, site):
    page = opened(window, site, language="zh-CN")
    assert page.get_by_role("heading", name="记忆").is_visible()
    page.get_by_label("语言").select_option("en")
    assert page.get_by_role("heading", name="Memories").is_visible()
    assert page.evaluate("document.documentElement.lang") == "en"


# -- memories ------------------------------------------------------------------------------------


def test_a_question_brings_memories_with_what_each_arm_gave(window, site):
    page = opened(window, site)
    page.get_by_role("searchbox").fill("豆豆是什么动物")
    page.wait_for_selector(".why")
    first = page.locator(".item").first
    assert "豆豆" in first.inner_text()
    assert re.search(r"(Words|Meaning) \d", first.get_by_role("img").get_attribute("aria-label"))


def test_filters_hold_and_stand_in_the_address(window, site):
    page = opened(window, site)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Speaker", exact=True).fill("小伟")
    page.keyboard.press("Tab")
    page.wait_for_function("location.hash.includes('speaker=')")
    page.get_by_text("1 memory", exact=True).wait_for()
    page.reload()
    page.get_by_text("1 memory", exact=True).wait_for()


def test_an_edit_is_a_new_version_and_the_old_one_stays_readable_until_redacted(window, site):
    page = opened(window, site, "memories?id=flat-1")
    detail = page.get_by_role("region", name="Details")
    detail.get_by_role("button", name="Edit").click()
    page.get_by_role("dialog").get_by_label("Text").fill("I moved to Lisbon in March.")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved as version 2").wait_for()
    detail.get_by_text("I moved to Lisbon in February.").wait_for()
    detail.get_by_role("button", name="Redact").click()
    page.get_by_role("dialog").get_by_role("button", name="Redact").click()
    detail.get_by_text("redacted").wait_for()
    assert detail.get_by_text("in February").count() == 0
    assert site.memory.recall("Lisbon")[0].text


def test_an_edit_over_what_somebody_else_has_changed_is_refused(window, site):
    page = opened(window, site, "memories?id=flat-1")
    page.get_by_role("button", name="Edit").click()
    site.memory.remember("I moved to Lisbon on a Monday.", id="flat-1")
    page.get_by_role("dialog").get_by_label("Text").fill("mine")
    page.get_by_role("button", name="Save").click()
    assert "changed by somebody else" in page.get_by_role("alert").inner_text()


def test_forgetting_is_previewed_then_done_with_a_receipt(window, site):
    page = opened(window, site)
    page.get_by_role("button", name="Forget…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What to forget").select_option("speaker")
    dialog.get_by_role("textbox", name="Name").fill("Tom")
    dialog.get_by_role("button", name="Preview").click()
    dialog.get_by_text("Is the flat near the river?").wait_for()
    assert site.memory.recall("river"), "a preview removes nothing"
    dialog.get_by_role("button", name="Forget 1").click()
    dialog = page.get_by_role("dialog", name="Forgotten")
    with page.expect_download() as told:
        dialog.get_by_role("button", name="Download").click()
    receipt = json.loads(Path(told.value.path()).read_text())
    assert receipt[0]["selector"] == {"speaker": "Tom"} and receipt[0]["episodes"] == 1
    assert all(one.speaker != "Tom" for one in site.memory.recall("river"))


def test_several_are_selected_and_forgotten_by_the_keyboard_alone(window, site):
    page = opened(window, site)
    row(page, "I moved to Lisbon").wait_for()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.keyboard.press("x")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("x")
    assert "2 selected" in page.get_by_role("button", name="Forget…").inner_text()
    page.keyboard.press("Enter")
    detail = page.get_by_role("region", name="Details")
    detail.get_by_text("Is the flat near the river?").wait_for()
    page.keyboard.press("Escape")
    assert page.get_by_role("region", name="Details").count() == 0


def test_a_hundred_thousand_memories_are_scrolled_to_the_end_without_a_stall(window, site):
    site.memory.remember(
        [Turn(f"Parcel {n} arrived at depot {n % 13}.", id=f"p{n}") for n in range(100_000)],
        namespace="many",
    )
    page = opened(window, site)
    page.get_by_label("Namespace").select_option("many")
    page.get_by_text("100,000 memories").wait_for()
    longest = page.evaluate(
        """async () => {
          const list = document.querySelector(".list");
          let longest = 0, before = performance.now();
          for (let step = 0; step < 120; step++) {
            list.scrollTop = (list.scrollHeight * step) / 119;
            await new Promise(requestAnimationFrame);
            const now = performance.now();
            longest = Math.max(longest, now - before);
            before = now;
          }
          return longest;
        }"""
    )
    page.get_by_text("Parcel 0 arrived").wait_for()
    assert page.locator(".item").count() < 60, "only what is in sight exists"
    assert longest < 1_000, "no frame stands for a second"


# -- recall --------------------------------------------------------------------------------------


def test_a_recall_is_laid_open_down_to_the_context_that_a_model_gets(window, site):
    page = opened(window, site, "recall")
    page.get_by_role("searchbox").fill("Where does Mira live?")
    page.keyboard.press("Enter")
    page.locator(".candidate").first.wait_for()
    context = page.get_by_role("region", name="Context")
    assert context.locator("pre").inner_text() == site.memory.context("Where does Mira live?").text
    page.locator("summary").first.click()
    assert "Words" in page.locator(".arms").first.inner_text()
    page.get_by_label("Token budget").fill("50")
    page.keyboard.press("Tab")
    page.get_by_text("cut: no room, or nothing new").first.wait_for()
