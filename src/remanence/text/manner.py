"""The manner of a message: small talk, sums and requests about the last reply, which need no
memory.

A message is small talk when nothing is left of it once words of a closed class are taken away:
greetings, thanks, agreement, laughter, fillers, and commands to repeat or rephrase. A sum is
numbers and operations.
"""

import re
from typing import Final

from remanence.text.query import FIRST_PERSON
from remanence.text.words import normal, table

_PHRASES: Final = re.compile(
    r"\b(?:go on|thank(?:s| you| u)|thx|ty|cheers|good (?:morning|night|evening|afternoon|bye|"
    r"job|one|point)|well done|"
    r"never ?mind|no problem|no worries|you(?:'re| are) (?:welcome|right|wrong|funny|the best|"
    r"great|so \w+)|"
    r"that(?:'s| is| was) (?:all|wrong|right|great|good|fine|it|helpful|funny|nice|not (?:it|"
    r"right|what i (?:meant|asked|wanted)))|"
    r"that (?:helped|works|helps)|see you|talk (?:to you )?(?:later|soon)|how are you|what's up|"
    r"are you (?:an? )?(?:ai|bot|robot|human|real|there)|"
    r"who are you|wrong (?:chat|window)|my bad|got it|of course|my pleasure|have a (?:good|nice|"
    r"great) (?:day|one|night|evening|weekend)|"
    r"(?:can|could|would|will) you|would you mind|let's)\b",
    re.IGNORECASE,
)
_WORDS: Final = table(
    "a about again ah alright and anyway awesome aw bye brb btw but bit cool clearer continue "
    "correct cya dear do done easier "
    "ello else english exactly excellent fewer fine fix for from get give go good gotcha great "
    "guys ha haha hahaha hello hey hi hiya hm "
    "hmm i'm idk in indeed informal interesting is it it's just keep kinda k kk later less like "
    "lmao lol longer lot lovely make "
    "maybe me mhm more much my nah nay nice no nope now oh ok okay okey one oops ooh ouch over "
    "perfect pls please plz "
    "polite quite really redo repeat rephrase reword rewrite right rofl say shorten shorter "
    "shorten simpler simplify slower sounds sorry start "
    "stop super sure that that's the them then there these thing this those to too try uh uhh um "
    "understood very wait way welcome well whoa "
    "with words works wow wrong xd yay yeah yep yes yikes you yo yup formal i casual friendlier "
    "briefer brief version way differently"
)
_HAN: Final = re.compile(
    r"谢谢(?:你|您|啦|了|大家)?|多谢|感谢|辛苦(?:了|啦|你了)?|不客气|没事(?:了|儿|的)?|没关系|好的?(?:吧|呀|啊|嘞|哒|滴)?|行(?:吧|了|啊)?|"
    r"可以(?:了|的|啊)?|"
    r"对(?:的|呀|啊|对)?|是(?:的|啊|呀|吗)|嗯+(?:呢|哼)?|哦+|噢+|喔+|啊+|呃+|额+|哈+|嘿+|呵+|嘻+|哇+(?:塞)?|收到|明白(?:了)?|"
    r"知道(?:了|啦)|了解(?:了)?|懂了|"
    r"你好(?:啊|呀|吗)?|您好|早(?:上好|安|啊)?|晚安|晚上好|下午好|中午好|再见|拜拜|回头见|明天见|"
    r"(?:你|您)(?:真|好|太)?(?:聪明|厉害|棒|好|可爱|笨|逗|搞笑)(?:了|啊|呀)?|厉害(?:了|啊)?|真?不错|太(?:好|棒|强)了|牛|赞|"
    r"你是(?:机器人|人工智能|AI|真人|谁|人)(?:吗|吧)?|继续|接着(?:说|写|来)|重写(?:一遍|一下)?|重来|重新(?:写|说|来|做)(?:一遍|一下|过)?|"
    r"再(?:说|来|写|讲|试)一?(?:遍|次|个|下)|"
    r"换(?:个|一个|种)(?:说法|方式|写法)?|(?:说|讲)(?:得|的)?(?:简单|短|详细|通俗|慢|长)(?:一?点|些)|(?:简单|短|详细|通俗|正式|长|精简|"
    r"简短)(?:一?点|些)(?:儿)?|说人话|"
    r"缩短|扩写|润色(?:一下)?|改(?:一下|短|长)|不(?:对|是|用|要|行)(?:了|的|啊|吧)?|错了|发错(?:了|人了)?|算了|吧|了|呢|呀|啦|嘛|的|"
    r"麻烦(?:你|您)?|请|一下|帮我|给我|那|就|先|这样|这个|你|我",
)
_SUM: Final = re.compile(
    r"^(?:(?:what(?:'s| is)|how much is|calculate|compute|work out|solve|算(?:一下|算)?|请问|帮我)\s*)?"
    r"(?:the\s+)?(?:(?:square|cube) root of\s+|sum of\s+|product of\s+|half of\s+)?"
    r"[\d一二三四五六七八九十百千零两]+(?:[.,]\d+)?\s*"
    r"(?:(?:times|plus|minus|divided by|over|x|to the power of|percent of|% of|squared|cubed|and|"
    r"mod|[-+*/×÷^%=])\s*\d*(?:[.,]\d+)?\s*"
    r"|(?:加上?|减去?|乘以?|除以?)[\d一二三四五六七八九十百千零两]+)*"
    r"(?:(?:等于|是)(?:几|多少))?\s*[?？=]*$",
    re.IGNORECASE,
)
_OPERATION: Final = re.compile(
    r"times|plus|minus|divided|root|power|percent|squared|cubed|sum of|product of|half of|"
    r"[+*/×÷^%=]|\d\s*[-x]\s*\d|加|减|乘|除|等于",
    re.IGNORECASE,
)
_TASK: Final = re.compile(
    r"^(?:(?:please|pls|can you|could you|would you|will you)\s+)*(?:"
    r"(?:write|compose|draft|generate|create|invent|imagine|design|draw|sing|roll|flip|pick|"
    r"translate|define|explain|"
    r"summari[sz]e|describe how|list some|suggest a|recommend a|give me (?:a|an|some)|tell me "
    r"(?:a|an) (?:joke|story|riddle|fact|poem))\b"
    r"|(?:what|where|how|why|when|who)(?:'s| is| are| was| were| does| do| did| can) (?:the|a|an|"
    r"you|one|people|they|it)?\s*"
    r"(?:capital|plural|meaning|population|square|cube|tallest|largest|biggest|highest|longest|"
    r"oldest|fastest|smallest|president|prime minister|king|"
    r"queen|author|formula|opposite|synonym|distance|speed|boiling|melting|definition|difference "
    r"between|good name|best way)\b"
    r"|what (?:does|do) .{1,40} mean\b|what rhymes\b|how (?:do|to|can|does|long do) (?:you|one|"
    r"people|we|i) (?:boil|cook|make|spell|say|pronounce|centre|center|"
    r"install|write|use|convert|calculate|fix|solve|create|build)\b|how (?:do|does) (?:a|an|"
    r"the)? ?\w+ work\b|how to\b"
    r"|how many (?:days|hours|minutes|seconds|weeks|months|continents|planets|countries|states|"
    r"people|bones|letters|feet|inches|legs)\b.{0,20}"
    r"(?:\bare there|\bin an?\b|\bin the\b|\bdoes\b|\bdo\b)"
    r"|who (?:invented|discovered|wrote|painted|composed|directed|founded|built)\b|(?:is|are|do|"
    r"does|can) (?:an?|the)? ?[a-z]+ (?:an?|the)? ?[a-z]+\s*\??$"
    r"|what (?:year|time zone|language|currency)\b)"
    r"|^(?:请|帮我|给我|能不能|可以)?(?:写|编|讲|出|想|起|翻译|解释|定义|生成|画|唱|推荐|总结)(?:一?下|一?[首个段篇封则句]|点儿?|几个)"
    r"|什么意思|怎么(?:说|写|读|念|拼|翻译|做|用)(?:的)?[?？]?$|谁(?:写|发明|发现|画|创作|创立|导演)(?:了|的)|(?:首都|人口|面积|沸点|熔点|"
    r"高度|公式|定义|反义词|近义词|英文)是(?:什么|多少|哪)|"
    r"(?:有|是)(?:几|多少)(?:天|个(?:洲|国家|省|月|小时)|大洲)|随机",
    re.IGNORECASE,
)
_TO_ME: Final = re.compile(r"\b(?:give|tell|sing|show) me\b|给我|帮我", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")
_LETTERS: Final = re.compile(r"\w")


def is_small_talk(text: str) -> bool:
    """Return whether a message only greets, thanks, agrees, laughs or asks to rephrase a reply.

    >>> is_small_talk("ok thanks!"), is_small_talk("thanks, my flight is at 8")
    (True, False)
    """
    plain = normal(text).replace("’", "'").casefold()
    if re.search(r"\d", plain):
        return False
    rest = _HAN.sub(" ", _PHRASES.sub(" ", plain))
    return all(word in _WORDS for word in _WORD.findall(rest))


def is_sum(text: str) -> bool:
    """Return whether a message is a sum to be worked out.

    >>> is_sum("what's 17 times 23?"), is_sum("17 guests at 8")
    (True, False)
    """
    plain = normal(text).strip().casefold()
    return bool(_SUM.match(plain) and _OPERATION.search(plain))


def is_general(text: str) -> bool:
    """Return whether a message has the form of a general question or of a task for a model.

    The form alone decides little: "who painted the fence" has it too. It is one feature of
    relevance.

    >>> is_general("who painted the mona lisa"), is_general("who is my dentist")
    (True, False)
    """
    plain = normal(text).strip()
    personal = FIRST_PERSON.search(_TO_ME.sub(" ", plain))
    return bool(_TASK.search(plain)) and personal is None


def is_personal(text: str) -> bool:
    """Return whether a message speaks of its author, a task for a model aside.

    >>> is_personal("where do I live"), is_personal("sing me a song")
    (True, False)
    """
    plain = _TO_ME.sub(" ", normal(text).strip())
    return bool(FIRST_PERSON.search(plain)) and not _TASK.search(normal(text).strip())


def needs_no_memory(text: str) -> bool:
    """Return whether nothing that is remembered can bear on a message."""
    return not _LETTERS.search(text) or is_small_talk(text) or is_sum(text)
