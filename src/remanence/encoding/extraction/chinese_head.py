"""The head of a Chinese clause: subject, times, adverbs, negation and modal before the predicate.

A clause has several stops, one after each word of its head; a frame is tried at every stop, with
what was read up to there. "我以前不吃辣" stops after 我, 以前 and 不.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from remanence.encoding.extraction.chinese_kin import ANIMAL, BARE, KINS

__all__ = ["NUMBER", "TIME", "Stop", "stops"]

NUMBER: Final = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千万零〇几半]+)"
_UNIT: Final = "(?:年|个?月|天|周|个?星期|个?礼拜|小时|个小时|个钟头|分钟|个?学期|个?季度|辈子|阵子?|段时间|会儿)"
_DAY: Final = (
    r"(?:大?[前后][天年]|[今明昨][天年晚早儿]|去年|本月|当月|月[底初中]|年[底初中]|周末|双休日?|工作日|节假日|假期|寒假|暑假|春节|国庆|五一|中秋|"
    r"元旦|端午|清明|圣诞节?|除夕|过年|(?:上上?|下下?|这|本|每|前|当)个?(?:周|星期|礼拜)(?:[一二三四五六日天末]|的?\d)?|"
    r"(?:上上?|下下?|这|本|每|隔)个?(?:月|季度|学期|年)(?:的?\d{1,2}[号日]|底|初|中旬)?|(?:周|星期|礼拜)[一二三四五六日天](?:到|至)?(?:(?:周|星期)?[一二三四五六日天])?|"
    rf"(?:\d{{4}}|\d{{2}}|[一二三四五六七八九零〇]{{2,4}})年|(?:\d{{1,2}}|十[一二]?|[一二三四五六七八九正腊])月(?:份|底|初|中旬)?(?:(?:\d{{1,2}}|初?[一二三四五六七八九十廿]+)[号日]?)?|"
    r"\d{1,2}[号日]|\d{4}[./-]\d{1,2}(?:[./-]\d{1,2})?)"
)
_CLOCK: Final = (
    r"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜|早晚|白天|晚饭后|饭后|睡前|下班后?|下课后?|放学后?|起床后|上班前?|午休|早餐|晚餐|下了班)"
    rf"|(?:{NUMBER}点(?:半|钟|{NUMBER}分?|一刻)?(?:左右|多)?|\d{{1,2}}:\d{{2}})"
)
_SPAN: Final = (
    rf"(?:这|前|近|过去|头)?{NUMBER}多?{_UNIT}(?:多|半)?(?:[之以]?[前后来内]|来|的时候|时)?|这阵子|前阵子|前些[年天]|这[几两]?[年天]|前[几两][年天]|这段时间|"
    rf"在?{NUMBER}岁(?:生日)?(?:之|以)?前|其他时间|其余时间|剩下的时间|有空|没事|闲暇|闲的时候|周中|平日|入冬后|开春|小时候|上学时|大学时|毕业[之以]?后|结婚[之以]?后|婚后|退休[之以]?后|生完孩子后?|疫情后|同年"
)
_OFTEN: Final = (
    rf"每(?:天|周|年|晚|早|个?月|个?星期|个?礼拜|逢|到|次|隔{NUMBER}天)(?:[一二三四五六日天末])?|每{NUMBER}[天周]|天天|日日|年年|周周|夜夜|整天|成天|"
    r"(?:经|常|时)常|常年|长期|平时|平常|通常|一般(?!般)|总是|老是|偶尔|有时候?|隔三差五|基本上?|从来都?(?!没|不)|习惯|每次|通宵|一周|一天"
)
TIME: Final = f"(?:{_OFTEN}|{_DAY}|{_CLOCK}|{_SPAN}|目前|现在|如今|眼下|最近|近来|近期|今后|以后|将来|后来|当时|那时候?|马上|即将|快要?|刚刚?|刚才|才)"
_PAST: Final = "以前|之前|从前|曾经?|过去|原先|原来|当年|年轻的?时候?|退休[之以]?前|婚前|早年|前几年|小时候|上大学时"
_NEG: Final = (
    "从来都?没有?|从没有?|从未|再也不|再也没有?|从来都?不|从不|已经不|早就?不|早已不|都不|也不|并没有?|并不|不再|不太|不怎么|不咋|不大|不是很|不是特别|"
    "一点(?:儿|都|也)*不|根本不|完全不|真不|死活不|坚决不|实在不|不(?!少|错|锈|仅|光|但|过|好意思|论|管|得不|止|要(?!小孩|孩子|二胎|命)|久|知|动产|用谢|客气|行|对|到|同|是)|"
    "还没有?|都没有?|没有?(?!错|事|关系|问题|办法|准|时间|空|想到|意思)|未(?!婚|来|必)|尚未"
)
_MODAL: Final = (
    "打算|计划着?|准备(?!好)|想要(?!的)|想(?!起|到|象|像|念|必|着|法|不到|开|得|想|我|你|他|死|的)|希望|决定|考虑|期待|梦想(?:着|是)?|立志|争取|"
    "(?:将于|将要?)|(?<!主)要(?!是|么|不|求|紧|命|好的|面子|强|债)|会(?!计|员|议|长|所|展)|能够?(?!力|量|源|干)|可以(?!了|的|吗)|必须|需要(?!的)|应该|得(?=[去做吃交还])|敢|肯|愿意|"
    "想着|琢磨着?|本来|原本|尝试|试图|试着|努力"
)
_ADV: Final = (
    "也|都|就(?!读|职|任|业|诊)|还(?!款|清|债|完|给|没有?)|又|正在?|已经?|早就?|早已|一直|一向|特别|非常|十分|很(?!多|少)|真的?(?!实)|超级|超(?!市|过|人)|最(?!近|好的|喜欢的|爱的|后|终|大)|"
    "挺|蛮|好(?=[喜爱怕想讨])|可(?!乐|爱|能|以|是)|比较|更加?|有点儿?|有些|终于|仍然?|依然|依旧|只(?!身)|仅|共|总共|一共|自己|亲自|打小|从小到大|从小就?|从小|天生|主要|其实|确实|的确|真心|"
    "贼|巨(?!蟹)|老(?=爱|喜欢)|全家|一家人?|一家[三四五]口|居然|竟然|大概|差不多|幸好|好在|独自|一个人|暂时|先|当然|反正|总之|果然|终究|顺便|同时|不小心|"
    "好不容易|到底|最终|倒|却|便|着实|尤其|极其|格外|相当|多么|太|蛮|满|一边|重新|又要|主动|被迫|在(?=[吃戒学备减练追用读看写养做准搞忙找谈])|一不小心|成功|正式|顺利|偷偷|强烈|无条件|疯狂|坚持|本科|研究生|家里?(?=有|养|住)|屋里(?=有|养)|那边"
)
_LEAD: Final = (
    "(?:大家好|你好|您好|哈喽|嗨|hi|hello|哎呀?|唉|诶|欸|嗯+|哈+|嘿+|呵+|吼+|啊+|哦+|噢|喔|哇+|嘻+|呜+|对了|但是|但(?!愿)|不过(?!敏)|可是|而且|所以|因为|由于|然后|于是|"
    "另外|还有(?!一|个)|话说|说实话|老实说|讲真|坦白说|跟你说|告诉你|告诉大家|没错|是的|是啊|对的?|好的|好吧|好呀|当然|毕竟|虽然|既然|反正|结果|只是|不好意思|抱歉|"
    "我(?:就是)?(?:说|告诉)(?:过|你)+|我跟你(?:们|讲|说)+(?:过|了|啊)?|我(?:觉得|认为|发现)|其实|简单说|总的来说|事实上|实际上|至于|比起|其中|另|又及|ps:?|btw|讲道理|说真的|终于|呃|额|不瞒你说|"
    "不(?=我)|是不(?=我)|就是(?=我)|感觉|恭喜|谢谢|可惜|尤其是|特别是|除了)"
)
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛"
    "闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪季柳安温俞章鲁葛岳倪简关"
)
_DOUBLE: Final = "欧阳|司马|上官|诸葛|慕容|令狐|东方|皇甫|尉迟|公孙|司徒|夏侯|南宫|端木|百里|长孙|宇文"
_TITLES: Final = "老师|医生|大夫|经理|总监?|主任|教授|教练|师傅|师父|阿姨|叔叔?|哥|姐|局长|校长|院长|律师|同学|先生|女士|太太|老板|师兄|师姐"
_NAMED: Final = (
    rf"(?:(?:{_DOUBLE})(?!人|修)[\u4e00-\u9fff]{{1,2}}?|[\u4e00-\u9fff]{{1,6}}·[\u4e00-\u9fff]{{1,6}}?|[{_SURNAMES}](?:{_TITLES})|[小老阿大](?![的家学众一在有会])[\u4e00-\u9fff](?:{_TITLES})?|"
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?|[A-Z][A-Za-z]{{1,14}}(?: [A-Z][A-Za-z]+)?|高兴|[\u4e00-\u9fff]{{2}}(?=是[日韩中美英法德]|在[华百腾阿网京]))"
)
_VERBAL: Final = "(?=是|在|住|搬|有(?!点)|叫|今年|现在|去|喜欢|爱[吃喝看打]|会(?!议|员)|对|最|也|不|没|从|跟|和|与|属|的|上周|昨天|下个?[周月]|刚|马上|以前|养|做|当|想|要|打算|结婚|离婚|退休|毕业|[一-龥]{0,4}了$)"
_GIVEN: Final = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛超霞平刚桂红玉兰梅鹏飞雪琳晨宇欣佳怡婷浩轩梓涵萱诗雨桐思雅文博睿泽辰阳乐瑶琪航豪俊凯嘉建国志华海波斌健龙峰亮毅辉丹凤洁萍莉倩颖慧琴云莹菲薇蕾珊媛晶"
    "妍馨彤悦可心一依若曦汐沐瑾瑜珂璐璇茜曼妮娅露冰清晓小阿东南春夏秋冬山川江河林森木松柏竹石溪源朵果豆米糖苗芽朗朔恒诚信义仁德贤良安宁康福贵荣昌盛兴旺达顺利成功胜威武虎豹鹤燕莺蓝青紫丁"
    "卓然帆舟远征程骁阔宽容光耀明昊晟旭炎炫彬翔飒立新力生根全才宝金银珠玲珍珊瑚琼瑶芸芝芬芳菊莲荷蓉蔓萌艺术"
)
_GIVEN_NAME: Final = (
    rf"(?![也都是在叫说要有去会喜的和跟对最不没今现从上刚年昨下特超很已两三前以退结离做当读考姓过养住想爱讨怕打开属怀病身脾个比每经总老又还就才终早晚马平安])"
    rf"(?:(?:{_DOUBLE})[\u4e00-\u9fff]{{1,2}}?|[{_SURNAMES}][{_GIVEN}][\u4e00-\u9fff]??|[小阿大老][\u4e00-\u9fff]|[{_GIVEN}]{{2,3}}?|(?P<twice>[\u4e00-\u9fff])(?P=twice))"
)
_KINLIKE: Final = (
    rf"(?:(?:我们?家?|咱们?家?|俺们?家?|本人|人家)的?(?:亲|最好的|大学|高中|前)?(?P<kin>{KINS})(?:们)?|(?P<bare>{BARE}))"
    rf"(?P<kname>(?:{_GIVEN_NAME})(?=是|在|住|搬|有|叫|今年|现在|去年?|喜欢|会|对|最|也|不|没|从|跟|和|属|，|$|上周|昨天|刚|做|当|想|下个?月|周末|下周|毕业|结婚|离婚|[，。]|要|说|，今年|昨|前|考|马上|养|爱|即将|移民|退休|特别|很|超)|"
    r"[A-Z][a-z]{1,14}(?=[^A-Za-z]|$))?"
)
_HEAD: Final = re.compile(
    rf"(?P<lead>{_LEAD}[,， ]?)"
    rf"|(?P<kinsman>{_KINLIKE})"
    rf"|(?P<pet>(?:(?:我们?|咱们?|俺)(?:家|自己)?的?(?:那)?(?:{NUMBER}?[只条个头匹])?|家里?的?(?:那)?[只条]?|楼下?)(?P<animal>(?:小|大|老|胖)?(?:{ANIMAL})))"
    rf"|(?P<self>我自己|我本人|我们俩|我们一家|我们家|我们|我俩|我这边|我这个?人|我家|咱们?家?|俺们?|本人|我(?!国|市|校|们))(?:这边|个人|目前)?"
    rf"|(?P<owned>的(?:{KINS}|{ANIMAL}))"
    rf"|(?P<you>您|你们?(?!好))"
    rf"|(?P<third>他们?(?!说)|她们?|它们?)"
    rf"|(?P<past>{_PAST})"
    rf"|(?P<neg>{_NEG})"
    rf"|(?P<time>{TIME}(?:的时候|时|起|开始|左右|以来)?)"
    rf"|(?P<modal>{_MODAL})"
    rf"|(?P<adv>{_ADV})"
    rf"|(?P<named>{_NAMED}){_VERBAL}"
)
_SUBJECTS: Final = ("kinsman", "pet", "self", "you", "third", "named")


@dataclass(frozen=True, slots=True)
class Stop:
    """A place in a clause where its predicate may begin, and what stands before it."""

    at: int
    """Place of the predicate in the clause."""
    kind: str = ""
    """Kind of the subject: kinsman, pet, self, you, third, named; empty where there is none."""
    subject: str = ""
    """Words of the subject: the kin word, the animal or the name."""
    name: str = ""
    """Name that follows a kin word: 妹妹小林."""
    owned: str = ""
    """Someone of the subject's: 妹妹 in 王小明的妹妹."""
    negated: str = ""
    """The negation, empty where there is none."""
    modal: str = ""
    """The modal verb."""
    past: bool = False
    """以前, 曾经 and the like stand before it."""
    times: str = ""
    """Expressions of time and frequency before it."""
    often: bool = False
    """One of the times is a frequency."""
    adverbs: str = ""
    """Adverbs of degree and manner."""


_FREQUENT: Final = re.compile(_OFTEN)


def _advanced(stop: Stop, found: re.Match[str]) -> Stop | None:
    """The stop after one more word of the head; None where the word cannot stand there."""
    kind = str(found.lastgroup)
    kind = next(name for name in _GROUPS if found[name]) if kind not in _GROUPS else kind
    word, at = found[kind], found.end()
    values = {name: getattr(stop, name) for name in Stop.__dataclass_fields__} | {"at": at}
    if kind in _SUBJECTS:
        if stop.kind or stop.negated or (stop.modal and kind != "self"):
            return None
        subject = found["kin"] or found["bare"] or found["animal"] or word
        values |= {"kind": kind, "subject": subject, "name": found["kname"] or ""}
    elif kind == "owned":
        if not stop.kind or stop.owned:
            return None
        values["owned"] = word[1:]
    elif kind == "neg":
        values["negated"] = stop.negated + word
    elif kind == "modal":
        values["modal"] = stop.modal + word
    elif kind == "past":
        values["past"] = True
    elif kind == "time":
        values["times"] = stop.times + word
        values["often"] = stop.often or _FREQUENT.match(word) is not None
    elif kind == "adv":
        values["adverbs"] = stop.adverbs + word
    return Stop(**values)


_GROUPS: Final = ("lead", "past", "neg", "time", "modal", "adv", "owned", *_SUBJECTS)


@lru_cache(maxsize=8192)
def stops(clause: str) -> tuple[Stop, ...]:
    """Every stop of a folded clause, first to last."""
    stop: Stop | None = Stop(0)
    found: list[Stop] = []
    while stop is not None and len(found) < 12:
        found.append(stop)
        match = _HEAD.match(clause, stop.at)
        stop = _advanced(stop, match) if match and match.end() > stop.at else None
    return tuple(found)
