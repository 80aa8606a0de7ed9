"""Messages that need no memory are recognised by closed classes of words, and nothing else is."""

import pytest

from remanence.text.manner import is_general, is_small_talk, is_sum, needs_no_memory

SMALL_TALK = (
    """
hi|hello there|good morning|good night!|thanks|thank you very much|ty!!|ok|okay cool|yep|nope|lol|haha nice|
hmm|wow, really?|sounds good|got it|no problem|never mind|my bad|oops|that's great|that was helpful, thanks|
how are you|are you a bot?|who are you|bye|see you later|have a good weekend|continue|go on|do it again|
say that again please|make it shorter|can you rephrase that|try again|rewrite it in simpler words|stop|yes please|
谢谢|谢谢你啦|好的|好的好的|嗯嗯|哈哈哈|哦|收到|明白了|知道了|早上好|晚安|拜拜|没事|不客气|继续|再说一遍|
换个说法|说简单点|你真厉害|你是机器人吗|算了|不对|重新写一下|👍|🙂🙂|...
""".replace("\n", "")
    .strip("|")
    .split("|")
)

TELLING = (
    """
thanks, my flight is at 8|ok so I moved to Lyon|no, I live in Bristol|hi, I'm Tom|good night, early shift tomorrow|
yes, the red one|lol my cat ate the cake|wow, Anna is pregnant|great, the rent is 940|sorry I missed the dentist|
谢谢，我六点的火车|好的，我住在成都|嗯，我妈妈明天来|哈哈我家猫又生了|不对，我今年三十岁|你好，我叫小林|
where do I live|what's my dog called|我住哪|我的狗叫什么|when is the meeting
""".replace("\n", "")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", SMALL_TALK)
def test_small_talk_needs_no_memory(text):
    assert needs_no_memory(text)


@pytest.mark.parametrize("text", TELLING)
def test_a_message_that_tells_or_asks_something_is_no_small_talk(text):
    assert not is_small_talk(text) and not needs_no_memory(text)


@pytest.mark.parametrize(
    "text",
    [
        "what's 12 times 9",
        "3 + 4 * 2",
        "what is the square root of 81?",
        "100 divided by 8",
        "15 percent of 80",
        "2+2=",
        "三加五等于几",
        "12乘以12等于多少",
    ],
)
def test_a_sum_needs_no_memory(text):
    assert is_sum(text)


@pytest.mark.parametrize(
    "text",
    ["80 guests", "gym code 2291", "flat 3", "2014", "call 555 1234", "三号楼", "the code is 4+4"],
)
def test_a_number_that_is_told_is_no_sum(text):
    assert not is_sum(text)


@pytest.mark.parametrize(
    "text",
    [
        "write a poem about autumn",
        "translate good night into Spanish",
        "what's the capital of Chile",
        "who invented the telephone",
        "how many legs do spiders have in the wild",
        "how to boil rice",
        "what does laconic mean",
        "give me a joke",
        "写一首诗",
        "解释一下重力",
        "谁发明了电灯",
        "这个词什么意思",
    ],
)
def test_a_task_or_a_question_about_the_world_is_general(text):
    assert is_general(text)


@pytest.mark.parametrize(
    "text",
    [
        "write down that I am allergic to nuts",
        "where did we spend the summer",
        "what is my sister's address",
        "who is coming on Friday",
        "how many guests did we invite",
        "我妹妹叫什么",
        "房租多少钱",
    ],
)
def test_a_personal_question_is_not_general(text):
    assert not is_general(text)
