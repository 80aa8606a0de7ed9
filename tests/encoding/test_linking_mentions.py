"""Whether a name stands in a text, script by script."""

import pytest

from remanence.encoding.linking.mentions import Mentions, require_searchable_name
from remanence.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("J. SMITH", "said j smith."),
        ("O'Brien", "O’Brien left."),
        ("李明", "昨天李明来了"),
        ("𠮷野", "我和𠮷野住在东京"),
        ("佐々木", "佐々木さんです"),
        ("タロウ", "タロウは東京に住む"),
        ("김민수", "김민수가 서울에 산다."),
        ("สมชาย", "วันนี้สมชายชอบกินข้าว"),
        ("ສົມຊາຍ", "ມື້ນີ້ສົມຊາຍມາ"),
        ("သီဟ", "ဦးသီဟသည်"),
        ("សុខា", "លោកសុខាមក"),
        ("Анна", "Анна живёт в Москве."),
        ("Anna", "Anna住在成都"),
    ],
)
def test_a_name_stands_in_a_text(name, text):
    require_searchable_name(name)
    assert Mentions([name]).stand_in(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("smith", "blacksmith"),
        ("李明", "李先生很聪明"),
        ("김민수", "김민지가 왔다"),
        ("สมชาย", "สมหญิงชอบ"),
        ("มานี", "มานะ"),  # the same consonants, other vowels
    ],
)
def test_a_name_does_not_stand_in_another_word(name, text):
    assert not Mentions([name]).stand_in(text)


def test_one_character_counts_only_where_it_stands_alone():
    mentions = Mentions(["李明", "明"])
    assert not mentions.stand_in("明天下雨，说明书在家。")
    assert mentions.stand_in("明，你好")
    assert mentions.stand_in("李明天天来")


@pytest.mark.parametrize("name", ["🐈", "!!!", "·", "明", "「明」", "김", "あ"])
def test_what_no_text_can_be_searched_for_is_refused(name):
    with pytest.raises(InvalidInput, match="subject="):
        require_searchable_name(name)
