"""Function words of the large languages, and the language of the Latin script that they betray.

Pure tables and one function. Words that are English too, or stand in names (los, de, van), are left
out of what betrays a language, not of its function words.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Final


def _plain(text: str) -> str:
    """Return a text without accents, as many type it and as words are indexed."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


FUNCTION_WORDS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(text.split()) | frozenset(_plain(text).split())
    for language, text in {
        "spanish": """
            a al algo alguien ante aquel aquella así aun aunque bajo cada casi como cómo con cual
            cuál cuáles cuando cuándo cuánto cuánta cuántos cuántas de del desde donde dónde dos e el
            él ella ellas ellos en entre era eran eres es esa ese eso esta está están este esto estoy
            estamos fue fueron fui ha había han has hasta hay he la las le les lo los más me mi mí
            mis mucho muy nada ni no nos nosotros nuestra nuestro o os otra otro para pero poco por
            porque pues que qué quien quién quiénes se sea ser si sí sido sin sobre son soy su sus
            también tan tanto te tengo tenemos tiene tienen tu tú tus un una uno unos unas va voy y
            ya yo
        """,
        "portuguese": """
            a ao aos as até com como da das de dela dele do dos e ela ele eles em entre era essa esse
            esta está este estou eu foi fui há isso já la lhe mais mas me meu meus minha minhas muito
            na não nas nem no nos nossa nosso num numa o onde os ou para pela pelo por porque qual
            quais quando quanto quantos que quem se sem ser seu sua são só sou também te tem tenho
            teu tu tua um uma você vou é à às
        """,
        "french": """
            a ai as au aux avec avait avoir c ce ces cet cette chez comme comment d dans de des du
            elle elles en est et étais était être eu fait il ils j je l la là le les leur leurs lui m
            ma mais me mes moi mon n ne nos notre nous on ont ou où par pas plus pour pourquoi qu
            quand que quel quelle quelles quels qui quoi s sa sans se sera ses si son sont suis sur t
            ta te tes toi ton tous tout très tu un une va vais vos votre vous y à combien
        """,
        "italian": """
            a ad ai al alla alle anche c che chi ci come con cosa così cui da dal dalla dei del della
            delle di do dopo dove e ed è era ero fra gli ha hai hanno ho i il in io l la le lei lo
            loro lui ma mi mia mie miei mio molto ne nei nel nella noi non nostra nostro o per perché
            più po poi prima quale quali quando quanto quanti quello questa questo qui se sei si sia
            siamo sono sta sto su sua suo sul sulla ti tra tu tua tuo tutti tutto un una uno vi voi
        """,
        "german": """
            aber alle als am an auch auf aus bei beim bin bis bist da damit das dass dein deine dem
            den denn der des dich die dies diese diesem dieser dir doch dort du durch ein eine einem
            einen einer er es euch für gegen gibt habe haben hat hatte hatten hier ich ihm ihn ihr
            ihre im in ins ist ja jetzt kann kein keine man mein meine meinem meinen meiner mich mir
            mit nach nicht noch nun nur oder ohne schon sehr sein seine seit sich sie sind so um und
            uns unser unsere unter viel viele vom von vor wann war waren warum was weil welche
            welchen welcher welches wem wen wenn wer werde werden wie wieder will wir wird wo woher
            wohin womit worden wurde zu zum zur über
        """,
        "dutch": """
            aan al als ben bij dan dat de der deze die dit door een en er geen had heb hebben heeft
            het hij hoe hoeveel iets ik in is ja je kan maar me meer met mij mijn naar niet nog nu of
            om ons onze ook op over te tot uit van veel voor waar waarom wanneer waren was wat we
            welk welke werd wie wij word wordt zal ze zich zijn zo zou
        """,
    }.items()
}
"""Language, as Snowball names it -> its function words, in lower case."""

_COMMON: Final = """
    a ad ai al alla am an as ante aux bin c ci come con d da dal dan das de dei del den der des
    di die do dos du e ed el er es et eu fait fui gibt ha had hai has hat he het hier i il im in
    ins io is j ja je kan l la las le les lo loro los lui m ma man mas me men mia mich mir my n
    na no nos nun o of om on ont op or os ou over para par pas per plus po pour prima qu s sa
    san se sea sei ser si sia sin so son sons sta sto su sub sue sul sun sur t ta te ten the ti
    to ton tot tra tu un und uns us va van ver vi vos war was we will wo y yo zo um
"""
_NOT_TELLING: Final = frozenset(_COMMON.split())
TELLING: Final = frozenset().union(*FUNCTION_WORDS.values()) - _NOT_TELLING
"""Words of which one is enough to suspect another language than English."""


_STOP: Final = """
    a an the and or but if so than that this these those there here then as at by for from in
    into of off on onto
    out over to up with about against between during under is am are was were be been being isn
    aren wasn weren
    do does did doing done don didn doesn has have had having hasn haven hadn i me my mine
    myself you your yours
    yourself we us our ours he him his she her hers it its they them their theirs who whom whose
    which what when
    where why how will would shall should can could might must wouldn couldn shouldn not no nor
    too very
    just also any some such own same other only again once s t d m re ll ve
    的 了 是 在 和 与 及 或 也 都 就 还 而 吗 呢 吧 啊 呀 哦 嘛 哎 着 过 把 被 给 对 从 到 向 于 之 其 这 那 这个 那个
    这些 那些 哪 哪个 哪些 哪里 哪儿 谁 什么 怎么 怎样 怎么样 如何 为什么 多少 几 我 你 他 她 它 我们 你们 他们 她们
    它们 您 咱们 自己 有 没有 会 要 很 来着 一个 以及 时候 何时 哪天 哪年 哪一天 哪位 几点 几号 几月 几时
    и в во не на я с со что как это этот эта эти он она оно они мы вы ты по к ко у из за от до о
    об
    а но же ли бы для при над под то так там тут ещё уже мне меня мной мой моя моё мои моего
    моей
    моих моему моим твой твоя нас нам наш наша наше наши нашего нашей его её их ему ей им себя
    свой
    кто кого кому кем чего чему чем что-то где куда откуда когда почему зачем какой какая какое
    какие какую какого какой каким каком сколько чей чья есть был была было были буду будет
    можно
    надо очень тоже или если чтобы да нет
    في من على إلى عن ما ماذا هل هو هي هم هذا هذه ذلك تلك التي الذي و أو ثم مع لي لك له لها لدي
    عندي
    عند أنا أنت نحن كان كانت يكون أين متى كيف كم لماذا أي قد لا لم لن إن أن كل بعد قبل
    का की के को में से पर ने है हैं हूँ हूं हो था थी थे और या यह वह ये वे जो कि क्या कौन कब कहाँ
    कहां कैसे
    कितना कितने कितनी किस किसका किसकी किसके किससे किसे किसने क्यों मैं मैंने मुझे मुझको मुझसे
    मेरा मेरी मेरे
    हम हमने हमें हमारा हमारी हमारे आप तुम उस उसका उसकी उसके इस इसका अपना अपनी अपने सा सी तो भी
    ही नहीं
    रहा रही रहे गया गई गए कर करता करती करते
    です ます する まし した して てい いる ある ない から まで どこ いつ だれ なに なん です すか のは には では とは って
    れる られ こと もの この その あの これ それ たい ので のに
"""
STOP_WORDS: Final = frozenset(_STOP.split())
"""Function words of English, and of languages that their script betrays."""


REQUESTING: Final = re.compile(
    r"^(?:(?:hey|ok|so|and|please|pls|could you|can you|would you|will you)[,\s]+)*"
    r"(?:(?:give|tell|remind|show|help|send) me|(?:what|who|where|when|why|how|which)(?:'s|\b)"
    r"|(?:write|explain|translate|summari[sz]e|recommend|suggest|define|draft|proofread)\b"
    r"|(?:is|are|do|does|did|can|could|should|would|will) (?:it|there|i|you|we|he|she|they|this)\b)"
    r"|^(?:帮我|给我|请|推荐|翻译|解释|总结|写[一个首篇]|讲[个一])"
    r"|(?:什么|啥|怎么[办做样]?|多少|为什么|干嘛|哪[里儿个些]|是谁|几点|吗|呢)[?？。！!]*$",
    re.IGNORECASE,
)
"""Openings and endings of a text that asks for something, with or without a mark."""


def language(words: Collection[str], english: frozenset[str]) -> str:
    """Return the language that most of `words` (lower case) betray; "english" in doubt.

    >>> language("dónde trabaja mi hermana".split(), frozenset({"where"}))
    'spanish'
    >>> language("the los angeles trip".split(), frozenset({"the"}))
    'english'
    """
    if TELLING.isdisjoint(words):
        return "english"
    ours = sum(map(english.__contains__, words))
    counts = {
        name: sum(map(own.__contains__, words))
        for name, own in FUNCTION_WORDS.items()
        if not (own - _NOT_TELLING).isdisjoint(words)
    }
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] > ours else "english"
