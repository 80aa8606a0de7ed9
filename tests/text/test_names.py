"""Names: what a text mentions and is about, and what a query could name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.text import names
from remanence.text.names import ALIAS, INITIAL, PART, TITLE, WHOLE
from remanence.text.words import hash32


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Port Blair. Port Blair is a capital.", "Port Blair"),
        ("Change (film). Change is a documentary.", "Change (film)"),
        ("John W. Smith. John William Smith (born 1920) was a clerk.", "John W. Smith"),
        ("Mr. Right (2009 film). Mr. Right is a film.", "Mr. Right (2009 film)"),
        ("O Valencia!. O Valencia! is a single.", "O Valencia!"),
        ("Photoelectric effect. In 1887 electrodes were lit.", "Photoelectric effect"),
        ("《战国无双3》是由光荣开发的游戏。", "战国无双3"),
        ("赵鹏（1983年生），中国足球运动员。", "赵鹏"),
        ("I went home. It rained.", None),
        ("She was late. We waited.", None),
        ("Wei cooked noodles for everyone who came. They were good.", None),
        ("Port Blair.", None),
        ("我喜欢画画。你呢？", None),
        ("", None),
    ],
)
def test_a_title_stands_before_the_first_full_stop_and_is_no_sentence(text, title):
    assert names.title(text) == title


def test_a_title_is_known_with_and_without_its_parentheses():
    found = names.mentions("The Rack (1915 film). The Rack is a drama by Emile Chautard.")
    assert found["rack 1915 film"] == TITLE
    assert found["rack"] == ALIAS
    assert found["emile chautard"] == WHOLE
    assert found["chautard"] == PART


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("It was made by Ludwig van Beethoven in Bonn.", "ludwig van beethoven", WHOLE),
        ("We met President Bill Clinton.", "bill clinton", WHOLE),
        ("It is by Michael Jackson and Lionel Richie.", "lionel richie", WHOLE),
        ("A song by B. Reeves Eason, they say.", "b reeves eason", WHOLE),
        ("Is this Beyoncé's house?", "beyonce", WHOLE),
        ("Émile Zola wrote it.", "emile zola", WHOLE),
        ("Paris is far.", "paris", INITIAL),
        ('They sang "Moon River" twice.', "moon river", WHOLE),
        ("他写了《红楼梦》和别的书。", "红楼梦", WHOLE),
        ("They met in April 1984 on a Monday.", "april", None),
        ("Thanks, see you. However, it rained.", "however", None),
    ],
)
def test_a_mention_has_its_kind(text, name, kind):
    assert names.mentions(text).get(name) == kind


def test_a_long_run_brings_its_parts_but_never_a_particle_at_an_end():
    found = names.mentions(
        "He led the merger of Glenn L. Martin Company and American Marietta Corporation."
    )
    assert found["glenn l martin company"] == WHOLE
    assert found["american marietta corporation"] == WHOLE
    assert not [name for name in found if name.startswith("and ") or name.endswith(" and")]


def test_a_query_may_name_in_any_case_what_has_two_words_and_more():
    spans = names.spans("who played mary poppins in The Princess Diaries?")
    said = {span.text for span in spans}
    assert {"mary poppins", "Princess Diaries"} <= said
    assert not said & {"who", "played", "The Princess Diaries", "in The"}
    assert spans[0].end - spans[0].start == max(span.end - span.start for span in spans)


def test_a_span_has_the_hash_of_the_title_it_repeats():
    asked = {
        span.name for span in names.spans("When was the director of The Rack (1915 Film) born?")
    }
    assert hash32(names.key("The Rack (1915 film)")) in asked
    assert hash32("红楼梦") in {span.name for span in names.spans("红楼梦的作者是谁？")}


@given(st.text(max_size=200))
def test_any_text_has_names(text):
    """No text fails; keys are folded, never empty, and found again by their own key."""
    for name, kind in names.mentions(text).items():
        assert INITIAL <= kind <= TITLE
        assert len(name) > 1
    for span in names.spans(text):
        assert 0 <= span.start < span.end
