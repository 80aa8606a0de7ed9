"""Forms of English verbs: what a word is a form of, and which."""

from dataclasses import dataclass
from typing import Final

from remanence.encoding.extraction.spoken import frames, lexicon
from remanence.text.words import table


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a verb. A word that is several (`put`) is all of them."""

    verb: str
    base: bool = False
    third: bool = False
    past: bool = False
    gerund: bool = False


# Each verb with its past, and the participle after a comma where it is another word.
_IRREGULAR: Final = dict(
    pair.split("=")
    for pair in [
        "be=been",
        "go=went,gone",
        "get=got,gotten",
        "have=had",
        "come=came",
        "leave=left",
        "lose=lost",
        "buy=bought",
        "sell=sold",
        "take=took,taken",
        "give=gave,given",
        "quit=quit",
        "grow=grew,grown",
        "bear=born",
        "break=broke,broken",
        "tear=tore,torn",
        "speak=spoke,spoken",
        "teach=taught",
        "eat=ate,eaten",
        "drink=drank,drunk",
        "run=ran",
        "sing=sang,sung",
        "swim=swam,swum",
        "drive=drove,driven",
        "ride=rode,ridden",
        "fly=flew,flown",
        "win=won",
        "meet=met",
        "spend=spent",
        "see=saw,seen",
        "begin=began,begun",
        "know=knew,known",
        "think=thought",
        "say=said",
        "tell=told",
        "hear=heard",
        "read=read",
        "make=made",
        "find=found",
        "feel=felt",
        "keep=kept",
        "put=put",
        "cut=cut",
        "hurt=hurt",
        "wear=wore,worn",
        "write=wrote,written",
        "draw=drew,drawn",
        "stand=stood",
        "swear=swore,sworn",
        "freak=freaked",
        "dwell=dwelt,dwelled",
        "let=let",
        "lay=laid",
        "fight=fought",
        "catch=caught",
        "pay=paid",
        "hold=held",
        "lead=led",
        "fall=fell,fallen",
        "sleep=slept",
        "build=built",
        "bring=brought",
        "send=sent",
        "lend=lent",
        "sit=sat",
        "understand=understood",
        "become=became,become",
        "wake=woke,woken",
        "choose=chose,chosen",
        "forget=forgot,forgotten",
        "dream=dreamt,dreamed",
        "bust=busted",
        "learn=learned,learnt",
        "plan=planned",
        "stop=stopped",
        "drop=dropped",
        "swap=swapped",
        "knit=knitted",
        "hate=hated",
        "set=set",
        "shut=shut",
        "cost=cost",
        "creep=crept",
        "upset=upset",
        "split=split",
        "rid=rid",
        "do=did,done",
        "mean=meant",
        "bite=bit,bitten",
        "enrol=enrolled",
        "cancel=cancelled,canceled",
        "travel=travelled,traveled",
        "trek=trekked",
        "jog=jogged",
        "chat=chatted",
        "ban=banned",
        "admit=admitted",
        "prefer=preferred",
        "commit=committed",
        "marry=married",
        "study=studied",
        "carry=carried",
        "worry=worried",
        "bury=buried",
        "try=tried",
        "cry=cried",
        "apply=applied",
        "dig=dug",
        "spread=spread",
        "hit=hit",
        "bet=bet",
        "lie=lied",
        "burn=burned,burnt",
    ]
    for pair in [pair]
)
# Verbs that state nothing here and still open a clause.
_PLAIN: Final = table(
    """
    be go say tell think know believe guess assume claim hear read wonder ask feel find make see look try help talk
    walk sit sleep pay send bring build call text email chat worry cry laugh remember forget mean seem happen hope
    wish imagine pretend dream realise realize mention swear promise reckon figure carry bite show watch listen cook
    wait care hold keep fall set turn become wake choose understand apply check clean clear close count cross deal
    end enter explain fill fix handle happen hang hit introduce join jump kill lie lift mind note notice offer pack
    pick point practice prepare present push raise reach recommend repeat reply return rain save search share shop
    smile solve sound spread suggest surprise survive suspect thank touch treat trust upset used vote wash waste
    celebrate donate invest jog babysit breastfeed stream binge ruin suck matter hurt burn move stay
    """
)


def _inflected(verb: str) -> dict[str, Form]:
    """The word of each form of a verb."""
    stem = verb.removesuffix("e") if verb.endswith("e") and not verb.endswith("ee") else verb
    short = (
        len(verb) > 2
        and verb[-1] in "bdgklmnprtv"
        and verb[-2] in "aeiou"
        and verb[-3] not in "aeiou"
        and (len(verb) <= 4 or verb in ("admit", "prefer", "commit", "cancel", "travel", "enrol"))
        and verb not in ("open", "visit", "lead")
    )
    doubled = stem + stem[-1] if short else stem
    third = f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "o")) else f"{verb}s"
    past = f"{doubled}ed"
    gerund = f"{doubled}ing"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        third, past, gerund = f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"
    if verb in {"die", "lie"}:
        past, gerund = f"{verb}d", f"{verb[:-2]}ying"
    pasts = _IRREGULAR[verb].split(",") if verb in _IRREGULAR else [past]
    third = {"be": "is", "have": "has"}.get(verb, third)
    found = {third: Form(verb, third=True), gerund: Form(verb, gerund=True)}
    if verb in {"travel", "cancel"}:
        found[f"{verb}ing"] = Form(verb, gerund=True)
    for each in pasts:
        found[each] = Form(verb, past=True, base=each == verb)
    found.setdefault(verb, Form(verb, base=True))
    return found


def _forms() -> dict[str, Form]:
    found: dict[str, Form] = {}
    for verb in sorted(frozenset(frames.VERBS) | _PLAIN):
        for word, form in _inflected(verb).items():
            if word not in found or form.base:
                found[word] = form
    for word in lexicon.BE - {"been", "being"}:
        found.pop(word, None)
    for word, verb in _FIRST.items():
        found[word] = Form(verb, past=True)
    return found


# Words that are a form of two verbs: the one that is meant most often.
_FIRST: Final = {
    "transfered": "transfer",
    "saw": "see",
    "found": "find",
    "left": "leave",
    "felt": "feel",
    "lay": "lie",
}
FORMS: Final = _forms()
PREDICATES: Final = frozenset(frames.PREDICATES) | lexicon.DIETS | lexicon.ILL
GERUNDS: Final = {form.verb: word for word, form in FORMS.items() if form.gerund}
