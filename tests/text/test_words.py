import subprocess
import sys
import threading
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.text import words
from remanence.text.query import analyse
from remanence.text.words import hash32, scripts, shape, terms


@pytest.fixture(scope="module", autouse=True)
def _dictionary():
    """The first Chinese text loads one, and no test is measured by that."""
    terms("北京大学")


def test_english_words_meet_in_their_stems_and_stop_words_are_left_out():
    assert terms("She was painting the sunrises") == terms("a painted sunrise")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("call get_user_id now", "get_user_id"),
        ("see parseJson here", "parsejson"),
        ("write to wei@example.com.", "wei@example.com"),
        ("since v1.2.3 only", "v1.2.3"),
        ("on 2023-05-08, late", "2023-05-08"),
        ("at 5:30 sharp", "5:30"),
        ("paid 1,250 euro", "1250"),
        ("那个邮箱是zhou06@example.com的人", "zhou06@example.com"),
    ],
)
def test_identifiers_numbers_dates_and_addresses_stay_whole(text, whole):
    assert whole in terms(text)


def test_an_identifier_is_also_found_by_its_parts():
    assert {"user", "id", "json"} <= set(terms("get_user_id parseJson"))


def test_a_missing_space_after_a_full_stop_hides_no_word():
    assert set(terms("the park kids")) <= set(terms("We saw the park.Kids loved it"))


def test_chinese_is_cut_into_words_and_the_words_inside_them():
    assert terms("我在北京大学学习") == ["北京", "大学", "北京大学", "学习"]


def test_an_unknown_chinese_word_is_cut_alike_alone_and_in_a_sentence():
    """A guess about unknown words would depend on the neighbours; the dictionary alone does not."""
    assert {"敷", "岛", "敷岛"} <= set(terms("敷岛")) <= set(terms("昨天赵敷岛去了医院"))


def test_a_quoted_japanese_name_leaves_chinese_words_whole():
    assert "北京大学" in terms("北京大学的留学生写了さくら两个字，然后在图书馆里学习")


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("서울에서 새 차를 샀다", "서울"),
        ("ฉันซื้อรถใหม่", "รถ"),
        ("Я купила новую машину в Москве", "новая машина"),
        ("اشتريت سيارة جديدة", "السيارة"),
        ("הלכתי אל הים עם דניאל", "דניאל"),
        ("मैंने नई किताब खरीदी", "किताब"),
        ("a café in Málaga", "cafe malaga"),
        ("ＡＢＣ１２３ ok", "abc123"),
    ],
)
def test_words_of_other_scripts_are_found_again(long, short):
    assert terms(short)
    assert set(terms(short)) <= set(terms(long))


def test_a_japanese_word_is_found_with_and_without_kana_around_it():
    assert "东京" in terms("東京へ行きました。")
    assert "东京" in terms("東京")


def test_direction_marks_change_nothing():
    assert terms("\u200fשלום\u200e עו\u200dלם\ufeff") == terms("שלום עולם")


def test_an_acronym_that_looks_like_a_stop_word_is_a_term():
    assert terms("US and WHO") == ["us", "who"]
    assert terms("who are us") == []


def test_a_term_has_the_published_crc():
    """The check value of CRC-32 in ISO 3309 and every catalogue of CRCs."""
    assert hash32("123456789") == 0xCBF43926
    assert 0 <= hash32("记忆") < 2**32


@given(st.text(max_size=200))
def test_any_text_has_terms_shape_scripts_and_an_analysis(text):
    found = terms(text)
    assert all(0 < len(t) <= 64 for t in found)
    assert shape(text) >= 0
    assert sum(scripts(text).values()) == pytest.approx(1) or not scripts(text)
    query = analyse(text, ["Mel", "王伟"])
    assert len(query.terms) == len(query.weights) == len(query.names)
    assert len(query.parts) == len(query.members) != 1


def _forget():
    words._chunks.clear()
    words._spaced.clear()
    words._cut.cache_clear()
    words._mixed.cache_clear()


@given(st.text("aB9_ \t\n\x1c.,'@:/+-!(", max_size=90), st.integers(1, 3))
def test_a_text_looked_up_between_spaces_has_the_terms_of_its_chunks(text, times):
    for said in (text, text.replace(" ", "x" * 70)):
        chunks = words._ASCII_CHUNK.findall(said * times)
        assert terms(said * times) == [term for chunk in chunks for term in words._split(chunk)]


@given(st.text("北京大学a9 は。,x_", max_size=40))
def test_a_text_of_several_scripts_has_the_terms_of_its_runs(text):
    japanese = words._is_japanese(words.normal(text))
    expected = []
    for chunk in words._CHUNK.findall(words.normal(text)):
        for name, run in words._runs(chunk):
            cut = words._pairs if japanese else words._cut.__wrapped__
            expected += cut(run) if name == "han" else words._split(run)
    assert terms(text) == expected


@pytest.mark.parametrize("text", ["北", "ï."])
def test_a_long_run_of_one_script_is_read_once(text):
    """Copied anew for each of its characters, this one would take minutes."""
    runs = words._runs(text * 1_000_000)
    assert "".join(run for _, run in runs).rstrip(".") == (text * 1_000_000).rstrip(".")
    assert len(runs) == 1


def test_a_cold_cache_and_a_warm_one_agree():
    text = "Mel's kids painted get_user_id 北京大学 in Москве"
    warm = [terms(each) for each in (text, text.encode("ascii", "ignore").decode())]
    _forget()
    assert [terms(each) for each in (text, text.encode("ascii", "ignore").decode())] == warm


def test_a_very_long_word_is_cut_and_not_remembered():
    _forget()
    assert terms("x" * 10_000) == ["x" * 64]
    assert len(terms("北" * 10_000)) > 9_000
    assert not words._chunks and not words._spaced and not words._mixed.cache_info().currsize


def test_threads_that_split_words_at_once_agree():
    rng = Random(7)
    vocabulary = ["".join(rng.choices("abcdefgining", k=9)) for _ in range(3_000)]
    text = " ".join(vocabulary)
    _forget()
    results: list[list[str]] = []
    threads = [threading.Thread(target=lambda: results.append(terms(text))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result == results[0] for result in results)
    assert len(results) == 4


def test_the_chinese_dictionary_loads_only_for_chinese_and_without_a_word():
    code = (
        "import sys; from remanence.text.words import terms; terms('plain English, naïve');"
        "assert 'jieba' not in sys.modules; assert '学习' in terms('我在学习')"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Hey Mel! How are you?", {"GREETING", "QUESTION", "ENDS_ASKING", "NAME"}),
        ("What next? I do not know.", {"QUESTION", "DATE"}),
        ("You like it? [a photo of a cat]", {"QUESTION", "ENDS_ASKING"}),
        ("i sold three of them", {"NUMBER"}),
        ("it broke in 2022", {"DATE", "NUMBER"}),
        ("你好，上周你去哪儿了？", {"GREETING", "QUESTION", "ENDS_ASKING", "DATE"}),
        ("", set()),
    ],
)
def test_shape_says_what_kind_of_turn_it_is(text, flags):
    names = ("QUESTION", "ENDS_ASKING", "NUMBER", "DATE", "GREETING", "NAME")
    assert {n for n in names if shape(text) & getattr(words, n)} == flags


def test_scripts_are_shares_of_letters():
    assert scripts("北京 ab 12!") == {"han": 0.5, "latin": 0.5}
    assert scripts("12!") == {}


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("She won the lottery", "who wins"),
        ("we bought a boat", "buying boats"),
        ("they got married", "marry"),
        ("two children and three mice", "child mouse"),
        ("He taught Greek", "teacher who teaches"),
        ("I write C++ at work", "C++"),
        ("the F# meetup, moved", "F#"),
        ("lunch was €40", "40 euros"),
        ("it cost $1,250 in all", "1250 dollars"),
        ("sent a 🎂 to Mia", "🎂"),
        ("👍🏽 from Li", "👍"),
        ("我對花生過敏", "花生过敏"),
        ("他在臺灣學習", "学习"),
    ],
)
def test_forms_signs_and_characters_of_one_meaning_meet(stored, asked):
    assert set(terms(asked)) & set(terms(stored))


@pytest.mark.parametrize(
    ("first", "second"), [("C++", "C"), ("C#", "C++"), ("€40", "£40"), ("🎂", "🎁")]
)
def test_signs_tell_names_and_amounts_apart(first, second):
    assert terms(first) != terms(second)


def test_traditional_and_simplified_chinese_have_the_same_terms():
    assert terms("我對花生過敏，住在臺灣") == terms("我对花生过敏，住在台湾")


def test_won_is_a_form_of_win_and_no_part_of_wont():
    assert terms("won") == ["win"]
    assert terms("I won't, WON’T!") == []


def test_a_mark_after_a_word_is_no_name():
    assert terms("grade A+ #1, a+b; see issue #12") == terms("grade A 1, a b; see issue 12")
