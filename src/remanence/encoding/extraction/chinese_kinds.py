"""Kinds of Chinese values: what a slot of a frame may hold, and how its words are trimmed.

A kind is a row of `KINDS`: the expression that a slot matches, and a function from the words to
the values, empty where the words are of another kind.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from remanence.encoding.extraction import chinese_words as words
from remanence.encoding.extraction.chinese_head import NUMBER, TIME
from remanence.encoding.extraction.chinese_kin import ANIMAL, KIN, KINS
from remanence.encoding.extraction.chinese_places import known, place_shaped

__all__ = ["KINDS", "Kind", "Values", "measured"]

Values = Callable[[str], list[str]]


class Kind(NamedTuple):
    """One kind of value."""

    expression: str
    """Regular expression of the slot."""
    values: Values
    """Values in the words that the slot matched."""


CLASSIFIER: Final = "[个只条位名辆台部套把张件本间家座栋双对头匹缸盆顶副块瓶杯份支架艘群窝款颗股口处幅枚箱盒届场门项种篇首节根片次岁]"
_COUNT: Final = re.compile(rf"^(?:(?:了|过|着)?(?:好几|几|多|一|1|某|有)?{CLASSIFIER}(?!人)(?:小(?={ANIMAL}))?|一(?=[只条辆台套]))")
_EDGE: Final = re.compile(
    r"^[《“\"'「\s]+|[》”\"'」\s]+$|(?<=.)(?:了|呢|啊|呀|吧|啦|嘛|哦|哈|等等?|什么的|之类的?|一带|这边|那边|这里|那里|的说|来着|嘞|咯|捏|哒|滴|噜|[~.。])$"
)
_BAD: Final = re.compile(
    r"[什谁哪吗嘛怎啥]|任何|^(?:过|他|她|它|这|那|此|该|其|我(?!自己做)|你|您|自己$|大家|别人|人家|一下|一点$|没|不)|"
    r"^(?:人|说|做|去|来|有|很多|许多|不少|这样|那样|样子|东西|事|事情|的|地方|时候|问题|办法|感觉|意思|原因|好|多|大|上|下|到|起|出|"
    r"可以|死|起来|下来|出来|过来|进去|知道|觉得|一起|一样|不了|死了|哭|笑)$"
)
_HARD: Final = re.compile("[，。！？!?;；]")


def trimmed(text: str) -> str:
    """Words without marks and particles at their ends."""
    before = None
    while before != text:
        before, text = text, _EDGE.sub("", text)
    return text


def _one(text: str, longest: int = 16) -> list[str]:
    value = trimmed(text)
    return [] if not value or len(value) > longest or _BAD.search(value) else [value]


_CUT: Final = re.compile(
    r"、|/|以及|(?<=[\w》])(?<!呼)(?<!中)(?<!暖)(?:和|与|及|跟)(?!(?:浩特|睦|田|平|谐|那国|气|尚|解|服|睦|声|风|朋友|家人|人|孩子|老公|老婆|同事|你|他|她|我|大家|爸|妈|谁|别人|陌生|狗玩|猫玩))"
)
_COMPANY: Final = re.compile("^(?:和(?!睦|平|田)|与(?!那国)|跟|同|陪|对|给)")


def _parts(text: str) -> list[str]:
    text = re.sub("以及|还有|(?<=.)或者?(?=.)", "、", text)
    if _COMPANY.search(text):
        return [part for part in text.split("、") if part]
    return [part for part in _CUT.split(text) if part]


def _items(text: str) -> list[str]:
    """Noun or verb phrases of a list."""
    book = re.findall("《([^》]+)》", text)
    if book and text.strip().startswith("《"):
        return [text.replace("《", "").replace("》", "")] if "的" in text else book
    parts = _parts(text)
    found = [value for part in parts for value in _one(_COUNT.sub("", trimmed(part)))]
    return found if len(found) == len(parts) or len(parts) > 2 else found[:1] if found else []


_NOWHERE: Final = re.compile(
    "心[里中]|客厅|卧室|厨房|隔壁|对面|楼[上下道]?$|[一二三四五六七八九十\\d]楼|工位|房间|沙发|床|阳台|帐篷|车[里上]|路上|地铁|一起|哪|网上|梦|"
    "周[一二三四五六日末]|星期|下午|上午|明天|后天|医院|酒店|宾馆|民宿|朋友|同学|亲戚|学校$|公司$|这[里儿边]?$|那[里儿边]?$|家[里]?$|"
    "前面|后面|旁边|中间|外面|里面|附近$|床上|身上|手[里上]|一边|门口|办公室|会议室|\\d+月|[上下]铺|一楼|火星|月球|太空|天上|地下室$|别墅$|公寓$|小区$|我|你|他|她|它|的时候"
)


def place(text: str) -> list[str]:
    """A place, known or of unknown name; rooms, days and people are none."""
    value = trimmed(re.sub("(?<=..)(?:去|来|工作|上班|上学|读书|定居|生活|发展|住|那边|这边|附近|一带)+$", "", trimmed(text)))
    value = re.sub("^(?:了|在|到)(?!望)", "", value)
    if not 2 <= len(value.encode()) <= 48 or re.search("[的是有没不]|吗|什么|谁", value):
        return []
    if known(value) or place_shaped(value):
        return [value]
    return [] if _NOWHERE.search(value) or _BAD.search(value) or len(value) > 12 else [value]


def known_place(text: str) -> list[str]:
    """A place that the gazetteer knows, or of its shape."""
    value = trimmed(text)
    if value.endswith("老家") or re.search("[的了是]", value):
        return []
    return [value] if known(value) or (place_shaped(value) and len(value) > 2) else []


def _places(text: str) -> list[str]:
    return [value for part in _parts(text) for value in place(part)]


_NO_ORG: Final = re.compile(
    "^(?:家|家里|这|那|这里|那里|外地|外面|网上|线上|路上|国外|国内|老家|图书馆|咖啡[馆厅店]|星巴克|床上|地铁上?|火车上?|高铁上?|车上|飞机上?|公司|单位|一起|公园|酒店|"
    "外企|国企$|楼下|楼上|隔壁|夜班|白班|早班|晚班|.*[里上下]面|.*路上|.*车上|同一.*|一家公司|现场|工地$|最近|努力|认真|拼命|辛苦)$"
)


def org(text: str) -> list[str]:
    """An organisation, known or of unknown name; places where one merely sits are none."""
    value = trimmed(re.sub("(?:(?<!阿)里面?|那边|那儿|这边)$", "", trimmed(text)))
    value = re.sub(f"^(?:了)?(?:一家|一个|某家?|这家|一所|家)(?=.)|^(?:我们?的?)", "", value)
    if not 2 <= len(value.encode()) <= 48 or _NO_ORG.search(value):
        return []
    return [] if _BAD.search(value) or re.search("[了着过]|不[^动]", value) else [value]


_SCHOOL: Final = re.compile(
    "(?:大学|学院|中学|高中|小学|学校|幼儿园|附中|附小|职高|技校|党校|师专|卫校|警校|军校|艺校|[\u4e00-\u9fff]大|[一二三四五六七八九十\\d]中|实验|外国语|[\u4e00-\u9fff]{1,3}理工|[东西南北华上]?[北师交电财科工农林]{1,2}大?|清华|北大|复旦|浙大|交大|杭电|成电|哈工大|北邮|上财|央美|国美|北航|北理|南开|同济|港[大科中]|MIT|UCL|[A-Z]{2,5})$"
)


def school(text: str) -> list[str]:
    """A school or university by its ending or a common short name."""
    value = trimmed(re.sub("^(?:了|到|进)", "", text))
    value = re.sub("^(?:一所|一个|我们|上的?)", "", value)
    bad = re.search("[的是了]|今年|什么|哪|研究生$|^(?:大学|高中|小学|中学|幼儿园|学校)$", value)
    return [value] if 2 <= len(value) <= 14 and not bad and _SCHOOL.search(value) else []


_NO_HUMAN: Final = re.compile(
    "^(?:一?[个名位])?(?:好|坏|男|女|大|老|新|别|某|中国|外国|老实|普通|成年|聪明|本地|外地|打工|什么|那种|这种|谁|粗|年轻|俗|正常|有趣|善良|幸运|过来|局外|明白|病|狠|名|小|真|真的|幸福|可怜|感性|理性|简单|奇怪|内向|外向)*(?:人|孩子|家伙|学习者|受害者|爱好者)$"
)
_JOBS: Final = words.JOB[len("(?:[^，。、的是在了有和与一]{0,6}?") : -1]
_TRADE: Final = re.compile(
    rf"(?:{_JOBS}|[程序运维测试开发客服销管理财务法务人事行政采购化妆美甲纹身裁缝厨园艺按摩瑜伽理货分拣装卸质检安检收银调酒咖啡甜品烘焙插画视频内容产品数据算法前后端网络研究作家调音]{{0,6}}(?:[员师工匠]|经理|助理|专员|顾问|工程师|主任|总监|店长|老板)|"
    r"[\u4e00-\u9fff]{1,4}(?:医生|护士|老师|教师|律师|警|兵|员|师|家|手|商|助理|顾问|经理|总监|主任|主管|店长|会计|工程师|翻译|策划|编辑|记者|导演|代表|赌徒|教练|民警|博主|主播|赌徒|UP主|大夫|法医|侍|农|渔民|司机|保姆|月嫂)|"
    r"(?:赌徒|护士|医生|老师|会计|司机|警察|厨师|翻译|律师|军人|程序员|码农|公务员|保安|保姆|月嫂|演员|歌手|模特|空姐|空少|教授|导游|中介|个体户|自由职业者?|全职(?:妈妈|太太|爸爸|奶爸|主妇)|家庭主妇|志愿者|实习生|店长|老板|博主|主播|网红|UP主|up主|运营|销售|产品|前端|后端|测试|HR|产品经理|PM|CEO|CTO|牧民|农民|渔民|工人|学徒|负责人|创业者))$"
)
_STUDENT: Final = re.compile(
    r"^(?:[\u4e00-\u9fff]{0,8})?(?:[大研博初高小][一二三四五六]|[一二三四五六]年级|大学|高中|初中|小学|本科|硕士|博士|中)?(?:在读)?(?:学生|生|新生|研究生|博士生?|硕士生?|本科生|高中生|初中生|小学生|大学生|留学生|研一|研二|研三|大[一二三四]|博[一二三四])$"
)


def job(text: str) -> list[str]:
    """A trade by its ending or a common name."""
    value = re.sub(rf"^(?:了|过|着)?(?:一?[名个位]|一|{NUMBER}年)?(?:的)?(?:职业(?=.)|普通|全职(?!妈|太|爸|奶|主)|资深|兼职)?", "", trimmed(text))
    value = trimmed(re.sub(f"{NUMBER}年$|很?多年$", "", value))
    if not value or len(value) > 14 or _NO_HUMAN.search(value) or _BAD.search(value):
        return []
    if re.search("[是了的]|大家|回家|国家|厂家|商家|人家|自家|老家|店家|专家$|玩家|买家|学生|选手$|动手|新手|老手|高手|助手$|对手|分手|双手|左手|右手|小手|放手|好手", value):
        return []
    return [value] if _TRADE.search(value) else []


def student(text: str) -> list[str]:
    """A stage of education: 大三学生, 高中生, 研二."""
    value = trimmed(re.sub("^(?:一?[名个位])", "", trimmed(text)))
    return [value] if _STUDENT.match(value) and "医生" not in value and "先生" not in value else []


_TRAIT: Final = re.compile(
    r"(?:(?:白羊|牡羊|金牛|双子|巨蟹|狮子|处女|室女|天秤|天平|天蝎|射手|人马|摩羯|魔羯|山羊|水瓶|双鱼)座?|[ABO]{1,2}型血?(?:的)?|Rh阴性|熊猫血|[EIei][NSns][FTft][JPjp](?:-[AT])?|[iIeE]人|社恐|社牛|路痴|路盲|脸盲|音痴|吃货|夜猫子|早鸟|"
    r"宅[男女]?|颜控|[手声]控|猫奴|狗奴|铲屎官|左撇子|独生子女|独生子|独生女|老大|老二|老幺|双胞胎|混血儿?|色盲|色弱|文盲|话痨|完美主义者?|素食主义者?|素食者|"
    r"丁克|单身狗|单身贵族|单亲(?:妈妈|爸爸)|[\u4e00-\u9fff]{1,3}(?:教徒|族人?)|回民|基督徒|佛教徒|穆斯林|党员|团员|共青团员|无神论者|理科生|文科生|工科生|艺术生|体育生|学渣|学霸|胖子|瘦子|矮子|高个子|近视眼|"
    r"[\u4e00-\u9fff]{1,6}(?:主义者|爱好者|发烧友|体质|控|党|星人|性格|玩家)|孤儿|军属|烈属|移民|退伍军人|退役军人|老兵|易胖体质|敏感肌|油皮|干皮)$"
)


def trait(text: str) -> list[str]:
    """A type of person: sign of the zodiac, blood type, MBTI, faith, bent."""
    value = trimmed(re.sub("^(?:一?[名个位只枚])|^(?:典型的?|标准的?|正宗的?|资深|重度|妥妥的)", "", trimmed(text)))
    value = re.sub("^(?:典型的?|标准的?|正宗的?|资深|重度|妥妥的|一个)", "", value)
    return [value] if len(value) <= 10 and _TRAIT.match(value) and "民族" not in value else []


def _fan(text: str) -> list[str]:
    value = trimmed(re.sub("^(?:一?[名个位])|^(?:铁杆|资深|忠实的?|死忠|老)", "", trimmed(text)))
    return _one(value, 10)


def home(text: str) -> list[str]:
    """The place before 人: 湖南, 四川成都, 日本."""
    value = re.sub("^(?:一?[个名位])|^(?:土生土长的?|地地道道的?|地道的?|正宗的?|典型的?|纯正的?|老|地道|本地|纯)", "", trimmed(text))
    if known(value) or value in ("南方", "北方", "东北", "江南", "本地", "广东潮汕", "客家", "潮汕"):
        return [value]
    return [value] if len(value) > 2 and place_shaped(value) else []


_CALLED: Final = re.compile(
    r"[\u4e00-\u9fff]{1,4}(?:·[\u4e00-\u9fff]{1,6})?|[A-Za-z][A-Za-z .'-]{0,18}"
)
_NO_CALL: Final = re.compile(
    f"^(?:{KINS})(?!$)|[的了得着是在有不没很都也就要想说让给你您他她它我们吗呢吧啊呀什谁哪怎]|^(?:老板|医生|老师|孩子|外卖|滴滴|出租|救护|人|车|大家|别人|客服|服务员|名字|随便|醒|床|早|停|苦|起|上|来|去|做|做什|好|一声|一下|这个|那个)|(?:起床|加薪|吃饭|回家|帮忙|过来|出来|外卖)$"
)


def called(text: str) -> list[str]:
    """A name that a person or a pet goes by."""
    value = trimmed(re.sub("(?:就行|就好|就可以|即可|就成|好了|就OK|就ok)$", "", trimmed(text)))
    value = trimmed(value)
    fits = _CALLED.fullmatch(value) and not _NO_CALL.search(value)
    return [value] if fits and value not in KIN else []


def animal(text: str) -> list[str]:
    """Animals of a list, with their number where it is not one."""
    parts = [_COUNT.sub("", trimmed(part)) for part in _parts(text)]
    parts = [re.sub("^(?:的|养的|可爱的|很可爱的|超可爱的|名叫.*的)+", "", part) for part in parts]
    fits = all(len(part) <= 10 and re.search(rf"(?:{ANIMAL})$", part) for part in parts)
    bad = re.search("[我你他她是在不没]|玩具|标本|^熊猫|海马|斑马|天鹅|蜗牛|牛羊", text)
    return parts if parts and fits and not bad else []


_CONDITION: Final = re.compile(
    rf"(?:{words.CONDITION}|[\u4e00-\u9fff]{{1,8}}(?:症|病|炎|癌|瘤|结石|综合[征症]|突出|增生|骨折|障碍|肿大|结节|囊肿|息肉|损伤|撕裂|劳损|紊乱|反流|溃疡|囊炎|衰竭|硬化|瘫痪|鼓膜穿孔|扁桃体)|"
    r"(?:轻度|中度|重度|严重的?|慢性|季节性|先天性|遗传性|点|一点)*(?:近视|远视|散光|老花|弱视|色盲|色弱|贫血|失眠|便秘|痔疮|脚气|荨麻疹|湿疹|皮炎|鼻炎|哮喘|糖尿病|高血压|低血压|高血脂|低血糖|高血糖|高尿酸|痛风|甲亢|甲减|"
    r"抑郁|焦虑|双相|躁郁|强迫|幽闭恐惧|恐高|耳鸣|晕车|晕船|晕机|偏头痛|颈椎病|肩周炎|腱鞘炎|鼠标手|静脉曲张|脂肪肝|乙肝|肺结核|新冠|流感|感冒|发烧|水痘|带状疱疹|癫痫|白血病|心脏病|脑梗|中风|阿尔茨海默|帕金森|自闭症|多动症|"
    r"多囊|子宫肌瘤|甲状腺结节|乳糖不耐受?|麸质不耐受?|蚕豆病|过敏性鼻炎|狐臭|脱发|斜视|龅牙|蛀牙|智齿|口腔溃疡|平足|扁平足|脊柱侧弯|O型腿|骨质疏松|胃下垂|关节炎|阑尾炎|三高))(?:\d+度|[一二三四五六七八九]百(?:多|[一二三四五六七八九]十)?度)?$"
)


def condition(text: str) -> list[str]:
    """Illnesses of a list, by name or ending."""
    found = []
    for part in _parts(text):
        value = re.sub("^(?:了|过|有|点|一点|个|些|上了?|为|出了?)+|^(?:轻微的?|严重的?|很严重的?|一些|多年的?)", "", trimmed(part))
        value = re.sub(f"(?<=.)(?:{NUMBER}(?:多)?年了?|好多年)$", "", value)
        if _CONDITION.match(value) and not re.search("毛病|相思病|公主病|[懒拖]癌|有病$|看病|治病|生病$", value):
            found.append(value)
    return found


_DRUG: Final = (
    r"[\u4e00-\u9fffA-Za-z]{0,10}?(?:片|胶囊|颗粒|冲剂|口服液|素(?:[A-Z]\d*)?|维生素[A-Z]?\d*|VC|VD|维[A-Z]\d*|药|西林|霉素|洛芬|平|汀|坦|普利|沙坦|洛尔|双胍|拉唑|昔布|美辛|他定|雷他定|替丁|酮|地平|西泮|"
    r"唑仑|必利|鱼油|叶酸|钙片?|铁剂|锌|蛋白粉|益生菌|褪黑素|胰岛素|优甲乐|阿司匹林|激素|安眠药|止疼药|避孕药|降压药|降糖药|中药|西药|草药|消炎药|感冒药|抗抑郁药|吸入剂|眼药水|生长激素|疫苗|布洛芬|左洛复|百忧解|泰诺|Prozac)"
)
_NO_DRUG: Final = re.compile("^(?:水平|和平|公平|芯片|照片|图片|卡片|薯片|麦片|名片|零食|吃素|朴素|因素|元素|毒素|吃药|药|片|素|平)$|薯片|麦片|肉片|鱼片|照片|芯片")


def drug(text: str) -> list[str]:
    """Medicines of a list."""
    value = trimmed(re.sub("^(?:了|着|过|的|点|一点)", "", text))
    parts = _parts(value)
    fits = all(re.fullmatch(_DRUG, part) and not _NO_DRUG.search(part) for part in parts)
    return [part for part in parts if not _BAD.search(part)] if fits else []


LANGUAGE: Final = (
    words.LANGUAGE + "|普通话|国语|英文|中文|日文|法文|德文|韩文|俄文|西语|葡语|意大利语|阿拉伯语|土耳其语|荷兰语|拉丁语|粤语|白话|闽南话|客家话|潮汕话|吴语|上海话|"
    "东北话|河南话|湖南话|四川话|温州话|藏语|维语|蒙语|壮语|世界语|手语|波兰语|瑞典语|印地语|印尼语|马来语|希腊语|希伯来语|Python|Java|C\\+\\+|英|日|法|德|韩"
)


def _languages(text: str) -> list[str]:
    value = re.sub("^(?:说|讲|一口|流利的?|一点(?:点|儿)?|一些|一门|点|几句|简单的?)+", "", trimmed(text))
    parts = [re.sub("^(?:一点(?:点|儿)?|一些|点|流利的?)", "", trimmed(part)) for part in _parts(value)]
    fits = parts and all(re.fullmatch(f"(?:{LANGUAGE})", part) for part in parts)
    return parts if fits else []


_THING: Final = re.compile(
    r"(?:车|房子?|房产|电脑|手机|相机|耳机|平板|手表|电视|投影仪?|冰箱|洗衣机|空调|钢琴|吉他|小提琴|无人机|自行车|电动车|摩托车?|单车|卡车|皮卡|SUV|跑车|笔记本|键盘|鼠标|显示器|"
    r"游戏机|Switch|PS5|Xbox|iPad|iPhone.*|MacBook.*|kindle|Kindle|音箱|音响|打印机|烤箱|咖啡机|扫地机器?人?|洗碗机|空气炸锅|滑板|冲浪板|帐篷|鱼竿|镜头|护照|驾照|驾驶证|绿卡|签证|"
    r"会员卡?|健身卡|年卡|保险|医保|社保|公寓|别墅|学区房|商铺|车位|车库|院子|花园|菜园|阳台|农场|店|店铺|工作室|工厂|公司|股票|基金|债券|黄金|纹身|眼镜|隐形眼镜|助听器|轮椅|假牙|牙套|戒指|项链|钻戒|包包?|手办|"
    r"黑胶|唱片机|书房|跑步机|大提琴|古筝|小号|萨克斯|尤克里里|架子鼓|电子琴|[A-Za-z][A-Za-z0-9 ]+)$"
)
_NO_THING: Final = re.compile(
    "戏|年纪|觉|事|梦|话|感|力|兴趣|意|问题|办法|时间|信心|机会|缘|面试|课|会议?$|作业|考试|饭|朋友|同事|秘密|习惯|想法|计划|目标|缺点|优点|毛病|故事|任务|主意|疑问|钱$|债|假$|病|把握|看法|建议|"
    "消息|印象|理想|愿望|道理|人$|种|回事|麻烦|压力|脾气|底$|数$|瘾|火|福|空$|劲|趟|顿|觉得|心|爱|点"
)


def thing(text: str) -> list[str]:
    """Things one owns: known, or counted by a classifier of things."""
    found = []
    for part in _parts(text):
        part = trimmed(part)
        counted = re.match(rf"^(?:了)?(?:{NUMBER})?(?:[辆台部套把张间栋双副艘架块本件])(?!面)", part)
        value = trimmed(_COUNT.sub("", part)) if not counted else part[counted.end() :]
        value = re.sub("^(?:自己的|我的|二手的?|全新的?|新的?(?=.{2}))", "", value)
        if not value or len(value) > 14 or _NO_THING.search(value) or re.search("[我你他她它]|[^M]不|没|什么", value):
            continue
        if counted or _THING.search(value):
            found.append(value)
    return found


_MONEY: Final = rf"(?:[￥¥$€])?(?:\d[\d,.]*|{NUMBER})(?:千|万|百|k|K|w|W|块|元|美[元金]|刀|欧元?|英镑|人民币|港币|一个月|[一二三四五六七八九]|多|出头|左右|/月|每月|每年)*"
_DATE: Final = (
    rf"(?:农历|阴历|阳历|公历|新历)?(?:(?:\d{{4}}|\d{{2}}|[一二三四五六七八九零〇]{{2,4}})年)?(?:闰)?(?:\d{{1,2}}|{NUMBER}|正|腊)月(?:(?:\d{{1,2}}|初?[一二三四五六七八九十廿]+)[日号]?)?|"
    r"(?:\d{4}|[一二][一二三四五六七八九零〇]{3})年|\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[./]\d{1,2}|今天|明天|昨天|后天|下周[一二三四五六日]?|(?:明|后|今)年(?:[一二三四五六七八九十\d]+月)?"
)
_WHEN: Final = rf"(?:{TIME}|的|\d{{1,2}}[点:]\d{{0,2}}|[上下]午|左右)+"


def measured(text: str) -> list[str]:
    """Words of a quantity, without particles."""
    value = trimmed(text).removesuffix("的")
    return [value] if value else []


def _verbal(text: str) -> list[str]:
    value = trimmed(text)
    bad = re.search("[吗呢谁]|什么|怎么|哪|^(?:你|他|她|它|这|那)|你们?$", value)
    return [value] if 1 < len(value) <= 18 and not bad else []


def _titles(text: str) -> list[str]:
    return _items(text)


_FIRM: Final = re.compile(
    "(?:公司|集团|银行|科技|医院|报社|杂志社|电视台|律所|事务所|研究院|研究所|工作室|出版社|证券|保险|大学|学院|中学|小学|局|委|厂|酒店)$"
)
_EMPLOYERS: Final = frozenset(
    "字节 字节跳动 腾讯 阿里 阿里巴巴 百度 京东 美团 华为 小米 网易 滴滴 拼多多 快手 微软 谷歌 苹果 亚马逊 蔚来 理想 小鹏 比亚迪 大疆 蚂蚁 携程 "
    "平安 招行 工行 建行 中信 中金 普华永道 德勤 安永 毕马威 麦肯锡 联想 海尔 格力 美的 特斯拉 宝洁 西门子 英特尔 索尼 三星 移动 联通 电信 国家电网 "
    "中石油 中石化 富士康 顺丰 B站 小红书 知乎 新东方 好未来 学而思 OPPO vivo Google Microsoft Apple Amazon Meta Tesla IBM SAP".split()
)


def _firm(text: str) -> list[str]:
    return [value for value in org(text) if _FIRM.search(value) or value in _EMPLOYERS]


def _field(text: str) -> list[str]:
    bad = "^(?:好|坏|什么|这|那|我|你|他|一|大|小|别人|手工|饭|事|梦|得|不)|[了过着是吗]|饭|作业|梦|事$|爱$"
    return [value for value in _one(text, 10) if not re.search(bad, value)]


_SUBJECT: Final = re.compile(
    "语文|数学|英语|物理|化学|生物|历史|地理|政治|体育|音乐|美术|钢琴|舞蹈|编程|书法|画画|瑜伽|[日法德韩西俄汉]语|中文|经济|法律|计算机|幼儿园|小学|初[一二三]|初中|高中|大学|老人|小孩子?|小朋友|孩子|学生|[一二三四五六]年级"
)


def _subject(text: str) -> list[str]:
    value = trimmed(text)
    return [value] if len(value) <= 10 and _SUBJECT.search(value) else []


_SHOP: Final = re.compile(
    "(?:店|馆|厂|铺|吧|屋|公司|工作室|超市|诊所|民宿|餐厅|饭店|咖啡|书房|网店|淘宝|农场|果园|茶园|酒吧|画室|琴行|机构|补习班|培训班|幼儿园|养殖场|客栈|药房|花坊|作坊|车行|洗车行|事务所|律所|摊|微商)$"
)


def _shop(text: str) -> list[str]:
    value = re.sub(f"^(?:了|着|过)*(?:{NUMBER}?[家个间所座])?(?:小小的)?", "", trimmed(text))
    return [value] if 1 < len(value) <= 12 and _SHOP.search(value) else []


def _short(text: str) -> list[str]:
    value = trimmed(text)
    return _items(value) if re.fullmatch("[\u4e00-\u9fff、和]{2,8}", value) and not re.search(
        "[我你他她有是会容易不很常的也都就对易点严重超特别皮肤季节换真好]", value
    ) else []


_INSTRUMENT: Final = words.INSTRUMENT + "|乐器|鼓|电吉他|民谣吉他|葫芦丝|唢呐|扬琴|单簧管|圆号|电贝斯|口风琴"


def _instruments(text: str) -> list[str]:
    parts = [re.sub("^(?:弹|拉|吹|打|敲|一?把|一?架)", "", part) for part in _parts(trimmed(text))]
    return parts if all(re.fullmatch(f"(?:{_INSTRUMENT})", part) for part in parts) else []


_FAITH: Final = re.compile("(?:[佛道]教?|基督教?|天主教?|伊斯兰教?|耶稣|主|上帝|真主|印度教|犹太教|妈祖|藏传佛教|禅宗)")


def _faith(text: str) -> list[str]:
    value = trimmed(text)
    return [value] if _FAITH.fullmatch(value) else []


_LEARNT: Final = re.compile(
    "(?:书法|画画|国画|油画|素描|水彩|钢琴|吉他|小提琴|大提琴|古筝|古琴|二胡|琵琶|笛子|架子鼓|尤克里里|声乐|唱歌|跳舞|舞蹈|芭蕾|街舞|拉丁|太极拳?|武术|跆拳道|柔道|散打|泰拳|拳击|剑道|击剑|瑜伽|普拉提|游泳|滑雪|滑冰|滑板|冲浪|潜水|"
    "攀岩|马术|骑马|网球|篮球|足球|羽毛球|乒乓球|高尔夫|围棋|象棋|国际象棋|编程|[Pp]ython|Java|前端|摄影|剪辑|插画|设计|建模|烘焙|做饭|做菜|做面包|开车|车|驾照|英语|日语|法语|德语|韩语|西班牙语|俄语|粤语|手语|托福|雅思|GRE|注会|CPA|司考|法考|"
    "考研|考公|公务员|教资|一建|二建|建造师|PMP|会计|心理学|中医|茶艺|插花|花艺|陶艺|木工|手工|缝纫|编织|钩针|刺绣|写作|小说|吹[\u4e00-\u9fff]+|民谣|配音|主持|演讲|理财|炒股|魔术|相声|评书|戏曲|京剧|昆曲|越剧|合唱|雕刻|篆刻|跑步|长跑|马拉松|蛙泳|自由泳|单簧管|长笛|萨克斯)"
)


def _learnt(text: str) -> list[str]:
    parts = [re.sub("^(?:了|过|着|一?[门种个项])", "", trimmed(part)) for part in _parts(text)]
    return parts if all(len(part) <= 8 and _LEARNT.fullmatch(part) for part in parts) else []


def _dropped(text: str) -> list[str]:
    value = re.sub("^(?:我们?家?的?|自己的?|那[台辆部个把]?|这[台辆部个把]?|家里的?|之前的?)", "", trimmed(text))
    value = trimmed(_COUNT.sub("", value))
    bad = re.search("[你他她它吗什谁我都也就]|事|话|人$|时间|一下|票$|饭|脸|[天夜]$|不|没|感觉|心|脚$|手$|命|了|说|想|要", value)
    return [] if bad or not value or len(value) > 10 else [value]


def _newhabit(text: str) -> list[str]:
    value = _COUNT.sub("", trimmed(text))
    return _one(value, 10)


_NO_PURCHASE: Final = re.compile(
    "票|单$|菜|早餐|午饭|晚饭|水果|奶茶|咖啡$|东西|衣服$|零食|饭|书$|花$|药|口罩|一堆|吃的|喝的|礼物|蛋糕|面包|[鱼肉鸡]$|彩票|发型|衣服|地方|话题|心情|频道|思路|方式|姿势|位置|座位|班|课|话|口味|人$|房间|时间|日期|题|工作|老师|医生|号|岗|乘|新的?$|钱"
)


def _bought(text: str) -> list[str]:
    value = trimmed(text)
    counted = re.match(rf"^(?:了)?(?:{NUMBER})?(?:[辆台部套把张间栋双副艘架块本件款只条]|个(?=带|新|二手|大|小))", value)
    value = value[counted.end() :] if counted else value
    fits = counted or _THING.search(value)
    bad = _NO_PURCHASE.search(value) or _BAD.search(value) or re.search("[我你他她了]|给", value)
    return [value] if fits and not bad and 1 < len(value) <= 14 else []


_MAKES: Final = (
    "奥迪|宝马|奔驰|大众|丰田|本田|日产|特斯拉|比亚迪|理想|蔚来|小鹏|问界|吉利|长城|哈弗|长安|五菱|福特|别克|雪佛兰|沃尔沃|雷克萨斯|保时捷|路虎|捷豹|现代|起亚|马自达|斯巴鲁|标致|雪铁龙|奇瑞|红旗|领克|极氪|小米SU7|凯迪拉克|捷达|速腾|迈腾|朗逸|高尔夫|"
    "帕萨特|凯美瑞|卡罗拉|雅阁|思域|飞度|轩逸|途观|途锐|海豹|海鸥|秦|汉|唐|宋|Model ?[3YSX]|哈雷|雅马哈|川崎|杜卡迪|小牛|雅迪|爱玛|九号"
)


def _car(text: str) -> list[str]:
    value = _COUNT.sub("", trimmed(text))
    fits = re.search(rf"{_MAKES}|(?:电动车|摩托车?|面包车|卡车|货车|皮卡|轿车|越野车|[A-Za-z]+\d+)$", value)
    return [value] if fits and len(value) <= 14 and not re.search("[我你他她了会的]", value) else []


_TOOL: Final = re.compile(
    "手机|电脑|相机|耳机|平板|键盘|鼠标|输入法|浏览器|编辑器|软件|系统|[Aa]pp|APP|宽带|信用卡|护肤|洗面奶|牙刷|眼镜|手表|安卓|苹果|华为|小米|三星|OPPO|vivo|联想|戴尔|惠普|索尼|佳能|尼康|富士|微信|支付宝|钉钉|飞书|表格|记账|笔记|随手记|印象|有道|"
    "[A-Za-z][A-Za-z0-9+ ]{2,}|移动|联通|电信|左手|隐形"
)


def _tool(text: str) -> list[str]:
    value = trimmed(re.sub("的(?=.)|^的", "", _COUNT.sub("", trimmed(text))))
    bad = re.search("[我你他她它了会]|心$|力$|什么|来|去", value)
    return [value] if _TOOL.search(value) and len(value) <= 14 and not bad else []


_OCCASION: Final = re.compile(rf"(?:{words.EVENT}|大赛|竞赛|考试|音乐剧|歌剧|脱口秀|相声|展|漫展|车展|运动会|夏令营|志愿活动|马拉松|半马|铁人三项|读书会|面试|团建|婚礼|满月酒|同学聚会|[\u4e00-\u9fff]{{1,6}}比赛)$")


def _occasion(text: str) -> list[str]:
    value = re.sub("^(?:了)?(?:一?[场次个届])", "", trimmed(text))
    return [value] if 1 < len(value) <= 16 and _OCCASION.search(value) else []


_TEAM: Final = re.compile("(?:队|社|社团|协会|俱乐部|党|乐队|学会|工会|联盟|合唱团|乐团|剧团|小组|读书会|书友会|跑团|志愿者|群|团|组织|公会|战队|兴趣班|训练营)$")


def _team(text: str) -> list[str]:
    value = re.sub("^(?:了)?(?:一?[个支])", "", trimmed(text))
    return [value] if 1 < len(value) <= 14 and _TEAM.search(value) else []


_PRIZE: Final = re.compile("(?:奖|第[一二三]名?|冠军|亚军|季军|金牌|银牌|铜牌|奖学金|名次|驾照|证书?|资格证|证|[一二三四五六七八九]级|雅思\d?.*|托福.*|满分|offer)$")


def _prize(text: str) -> list[str]:
    value = re.sub("^(?:了)?(?:一?[个张份块])", "", trimmed(text))
    bad = re.search("[我你他她]|身份证|保证|不|没|作证|签证|学生证", value)
    return [value] if 1 < len(value) <= 12 and _PRIZE.search(value) and not bad else []


_STYLE: Final = re.compile("中文|英文|简体|繁体|英语|日语|粤语|普通话|markdown|Markdown|表格|列表|代码|口语|正式|简短|简洁|详细|直接|幽默|温柔|分点|要点|大白话|通俗|专业|emoji|短|长")


def _style(text: str) -> list[str]:
    value = trimmed(text)
    return [value] if 1 < len(value) <= 12 and _STYLE.search(value) else []


_PHRASE: Final = "[^，。]{1,24}?"
KINDS: Final[Mapping[str, Kind]] = {
    "place": Kind("[^，。]{2,16}?", place),
    "known": Kind("[^，。]{2,12}?", known_place),
    "places": Kind("[^，。]{2,30}?", _places),
    "home": Kind("[^，。]{2,12}?", home),
    "org": Kind("[^，。]{1,20}?", org),
    "school": Kind("[^，。在]{2,16}?(?!大?学(?!习|会)|学院|附中)", school),
    "job": Kind("[^，。]{1,16}?", job),
    "student": Kind("[^，。]{1,16}?", student),
    "trait": Kind("[^，。]{1,14}?", trait),
    "fan": Kind("[^，。]{1,14}?", _fan),
    "called": Kind("[^，。]{1,16}?", called),
    "animal": Kind("[^，。]{1,24}?", animal),
    "condition": Kind("[^，。]{1,20}?", condition),
    "drug": Kind("[^，。]{1,24}?", drug),
    "instruments": Kind("[^，。]{1,24}?", _instruments),
    "languages": Kind("[^，。]{1,24}?", _languages),
    "thing": Kind("[^，。]{1,20}?", thing),
    "money": Kind(_MONEY, measured),
    "date": Kind(_DATE, measured),
    "when": Kind(_WHEN, measured),
    "age": Kind(rf"(?:\d{{1,3}}|{NUMBER})(?:周?岁半?|岁多)", measured),
    "number": Kind(NUMBER, measured),
    "phone": Kind(r"\+?(?:\(\d{2,5}\)\s?)?\d[\d\- ]{5,}\d(?:转\d+)?", measured),
    "email": Kind(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", measured),
    "code": Kind(r"[A-Za-z0-9_@.#*\-]{3,30}", measured),
    "address": Kind(r"[^，。]{2,20}?(?:\d|[一二三四五六七八九十]+(?:号|栋|楼|室|单元))[^，。]{0,14}?", measured),
    "np": Kind(_PHRASE, _one),
    "nps": Kind("[^，。]{1,30}?", _items),
    "vp": Kind("[^，。]{1,24}?", _verbal),
    "firm": Kind("[^，。]{1,16}?", _firm),
    "employer": Kind("[^，。]{1,12}?", _firm),
    "field": Kind("[^，。]{1,14}?", _field),
    "subject": Kind("[^，。]{1,14}?", _subject),
    "shop": Kind("[^，。]{1,16}?", _shop),
    "short": Kind("[^，。]{2,8}?", _short),
    "faith": Kind("[^，。]{1,6}?", _faith),
    "skillnoun": Kind("[^，。]{1,12}?", _learnt),
    "dropped": Kind("[^，。]{1,12}?", _dropped),
    "newhabit": Kind("[^，。]{1,12}?", _newhabit),
    "bought": Kind("[^，。]{1,18}?", _bought),
    "car": Kind("[^，。]{1,16}?", _car),
    "tool": Kind("[^，。]{1,16}?", _tool),
    "occasion": Kind("[^，。]{1,18}?", _occasion),
    "team": Kind("[^，。]{1,16}?", _team),
    "prize": Kind("[^，。]{1,14}?", _prize),
    "style": Kind("[^，。]{1,14}?", _style),
    "ananimal": Kind(f"(?:小|大|老)?(?:{ANIMAL})", animal),
    "kin": Kind(rf"(?:{KINS})(?:们)?", measured),
}
