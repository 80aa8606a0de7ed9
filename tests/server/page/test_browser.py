"""The page as somebody sees it: in a Chromium, signed in by the printed link."""

import json
import re
from itertools import product
from pathlib import Path

import pytest

from remanence import Turn

pytestmark = pytest.mark.slow
VIEWS = (
    "memories",
    "memories?id=flat-1",
    "recall?q=Where+does+Mira+live",
    "facts?subject=Mira",
    "graph?subject=Mira",
    "sessions",
    "sessions?session=flat",
    "sessions?tab=traffic",
    "import",
    "keys",
    "chat",
)
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
    row(page, "I moved to Lisbon").wait_for(state="visible")
    assert site.key not in page.url and site.key not in page.evaluate("document.cookie")
    page.reload()
    row(page, "I moved to Lisbon").wait_for(state="visible")


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


# -- facts and the graph ---------------------------------------------------------------------------


def test_the_slider_shows_what_held_then_and_a_fact_opens_its_source(window, site):
    page = opened(window, site, "facts?subject=Mira")
    porto = page.get_by_role("listitem").filter(has_text="Mira lives in Porto")
    porto.get_by_text("not then").or_(porto.get_by_text("superseded")).wait_for()
    page.get_by_role("slider").evaluate(
        """(one) => {
          one.value = Math.floor(Date.parse("2024-05-01") / 86400000);
          one.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    page.get_by_text("2024-05-01", exact=True).wait_for()
    porto.get_by_text("holds", exact=True).wait_for()
    porto.get_by_role("button", name="Sources").click()
    porto.get_by_role("link").wait_for()


def test_the_graph_is_walked_by_keyboard_and_told_as_a_table(window, site):
    page = opened(window, site, "graph?subject=Mira")
    node = page.get_by_role("button", name=re.compile("^Lisbon"))
    node.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash.includes('subject=Lisbon')")
    page.get_by_role("button", name="Table").click()
    assert page.get_by_role("row").filter(has_text="Mira").first.is_visible()


# -- sessions, import, keys, chat --------------------------------------------------------------


def test_a_session_reads_as_a_conversation(window, site):
    page = opened(window, site, "sessions")
    page.get_by_role("link").filter(has_text="工作").click()
    page.get_by_text("我上个月搬到了成都").wait_for()


def test_a_dropped_file_is_imported_with_what_came_of_it(window, site, tmp_path):
    file = tmp_path / "notes.jsonl"
    lines = [{"role": "user", "content": f"Berth {n} is painted blue."} for n in range(30)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    page = opened(window, site, "import")
    page.get_by_label("Choose files").last.set_input_files(file)
    page.get_by_text("imported", exact=True).wait_for()
    assert "30" in page.locator(".figures").inner_text()
    page.get_by_label("Choose files").last.set_input_files(tmp_path / "notes.jsonl")
    page.get_by_text("known already").nth(1).wait_for()
    bad = tmp_path / "x.bin"
    bad.write_bytes(bytes(range(256)))
    page.get_by_label("Choose files").last.set_input_files(bad)
    page.get_by_role("alert").wait_for()


def test_a_key_is_made_shown_once_and_revoked(window, site):
    page = opened(window, site, "keys")
    page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Label").fill("tablet")
    dialog.get_by_label(re.compile("In these")).fill("mira")
    dialog.get_by_role("button", name="Make a key").click()
    made = page.get_by_role("dialog").locator("pre").inner_text().strip()
    assert site.service.keys.check(made).grants == ("mira",)
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    tile = page.locator(".tile").filter(has_text="tablet")
    tile.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    tile.wait_for(state="detached")
    assert made not in page.content() and site.service.keys.check(made) is None


def test_a_chat_is_remembered_and_shows_what_it_brought_along(window, site):
    page = opened(window, site, "chat")
    box = page.get_by_label("Message", exact=True)
    box.fill("Where does Mira live?")
    page.keyboard.press("Enter")
    page.get_by_text(re.compile(r"\d+ memories brought along")).click()
    page.goto(f"{site.url}/#/sessions?tab=traffic")
    page.get_by_role("row").filter(has_text="openai.chat").wait_for()


def test_a_key_sees_only_the_views_that_it_may_use(window, site):
    narrow, _ = site.service.keys.create(("read",), ("default",))
    page = window()
    page.goto(f"{site.url}/#key={narrow}")
    page.wait_for_selector("main#content")
    assert page.get_by_role("link", name="Keys").count() == 0
    assert page.get_by_role("button", name="Forget…").count() == 0
    assert page.get_by_role("button", name="Add").count() == 0
