"""Places and given names by their spelling: what is a city, a state, a country, and what lies in
what.

The tables lie in `data`, whose PROVENANCE.md names their sources; `tools/gazetteer.py` writes them.
They are read when first asked for.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from remanence.text.bilingual import PLACES
from remanence.text.words import table


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `kind` is city, state or country; `region` the code of the state around a city."""

    name: str
    kind: str
    country: str
    region: str


_KINDS: Final = {"c": "city", "s": "state", "n": "country"}
# another spelling -> the name in the table
_ALIASES: Final = (
    dict(
        pair.split("=")
        for pair in """
    nyc=new york city;new york=new york city;ny=new york city;the big apple=new york city;sf=san francisco;
    la=los angeles;dc=washington;washington dc=washington;washington d.c.=washington;philly=philadelphia;
    vegas=las vegas;nola=new orleans;atl=atlanta;usa=united states;us=united states;u.s.=united states;
    america=united states;the states=united states;the us=united states;united states of america=united states;
    uk=united kingdom;u.k.=united kingdom;britain=united kingdom;great britain=united kingdom;
    holland=the netherlands;netherlands=the netherlands;czech republic=czechia;turkey=turkiye;korea=south korea;
    uae=united arab emirates;emirates=united arab emirates;burma=myanmar;hk=hong kong;peking=beijing;
    canton=guangzhou;saigon=ho chi minh city;hcmc=ho chi minh city;bombay=mumbai;calcutta=kolkata;
    madras=chennai;bangalore=bengaluru;blr=bengaluru;kiev=kyiv;wien=vienna;münchen=munich;koln=köln;
    cologne=köln;roma=rome;milano=milan;lisboa=lisbon;praha=prague;warszawa=warsaw;kl=kuala lumpur;
    cali=california;mexico city=mexico city;frankfurt=frankfurt am main;the hague=the hague;
    st petersburg=saint petersburg;st. petersburg=saint petersburg
    """.replace("\n", "").split(";")
        for pair in [pair.strip()]
    )
    | PLACES
)
# Regions that the table lacks: parts of countries, continents, boroughs.
_REGIONS: Final = table(
    """
    england scotland wales ireland cornwall devon dorset kent surrey sussex essex norfolk suffolk somerset
    yorkshire lancashire cumbria cheshire hampshire wiltshire oxfordshire cambridgeshire shropshire
    derbyshire lincolnshire bavaria saxony hesse brandenburg tuscany sicily sardinia lombardy piedmont umbria
    provence normandy brittany alsace burgundy catalonia andalusia galicia ontario alberta manitoba
    saskatchewan quebec queensland tasmania victoria punjab kerala gujarat rajasthan maharashtra bihar goa
    europe asia africa antarctica oceania scandinavia hokkaido okinawa bali java sumatra tibet crimea
    brooklyn queens manhattan bronx harlem hackney camden brixton islington shoreditch soho kreuzberg
    neukölln montmartre chelsea tribeca williamsburg oahu maui socal norcal midwest pnw
    guangdong sichuan zhejiang jiangsu hunan hubei hebei henan shandong shanxi shaanxi fujian jiangxi anhui
    yunnan guizhou guangxi hainan gansu qinghai heilongjiang jilin liaoning xinjiang ningxia
    """
) | {
    "the bay area", "bay area", "the midlands", "the netherlands", "new england", "northern ireland",
    "south florida", "north carolina", "latin america", "south america", "north america", "central america",
    "the middle east", "middle east", "southeast asia", "east london", "west london", "north london",
    "south london", "british columbia", "nova scotia", "new south wales", "long island", "staten island",
    "silicon valley", "upstate new york", "the alps", "the highlands", "the caribbean", "the philippines",
    "the cotswolds", "the lake district", "inner mongolia",
}  # fmt: skip
# Regions of the table's codes that have a common name: (country, code) -> name.
_AROUND: Final = {
    ("CN", "30"): "guangdong", ("CN", "32"): "sichuan", ("CN", "02"): "zhejiang", ("CN", "04"): "jiangsu",
    ("CN", "11"): "hunan", ("CN", "12"): "hubei", ("CN", "10"): "hebei", ("CN", "09"): "henan",
    ("CN", "25"): "shandong", ("CN", "24"): "shanxi", ("CN", "26"): "shaanxi", ("CN", "07"): "fujian",
    ("CN", "03"): "jiangxi", ("CN", "01"): "anhui", ("CN", "29"): "yunnan", ("CN", "18"): "guizhou",
    ("CN", "16"): "guangxi", ("CN", "31"): "hainan", ("CN", "15"): "gansu", ("CN", "08"): "heilongjiang",
    ("CN", "05"): "jilin", ("CN", "19"): "liaoning", ("CN", "13"): "xinjiang",
    ("GB", "ENG"): "england", ("GB", "SCT"): "scotland", ("GB", "WLS"): "wales",
    ("GB", "NIR"): "northern ireland", ("DE", "02"): "bavaria", ("DE", "13"): "saxony", ("DE", "05"): "hesse",
    ("CA", "08"): "ontario", ("CA", "10"): "quebec", ("CA", "02"): "british columbia", ("CA", "01"): "alberta",
    ("AU", "02"): "new south wales", ("AU", "04"): "queensland", ("AU", "07"): "victoria",
    ("IT", "16"): "tuscany", ("IT", "15"): "sicily", ("ES", "56"): "catalonia", ("ES", "51"): "andalusia",
    ("IN", "13"): "kerala", ("IN", "09"): "gujarat", ("IN", "16"): "maharashtra",
}  # fmt: skip


# Parts of cities -> the city.
_CITY_OF: Final = {
    part: city
    for city, parts in (
        (
            "new york city",
            "brooklyn queens manhattan bronx harlem tribeca williamsburg staten+island",
        ),
        (
            "london",
            "hackney camden brixton islington shoreditch soho chelsea east+london west+london",
        ),
        ("berlin", "kreuzberg neukölln"),
        ("paris", "montmartre"),
    )
    for part in parts.replace(" ", ";").replace("+", " ").split(";")
}


def _lines(name: str) -> list[str]:
    whole = resources.files("remanence.text") / "data" / name
    return whole.read_text(encoding="utf-8").splitlines()


@cache
def _places() -> dict[str, tuple[str, str, str]]:
    """Lower-case name -> (kind, country, region); of places of one name the most populous."""
    found: dict[str, tuple[str, str, str]] = {}
    for line in _lines("places.txt"):
        name, kind, country, region = line.split("|")
        found.setdefault(name.lower(), (kind, country, region))
    return found


@cache
def _given() -> tuple[dict[str, int], dict[str, int]]:
    """Given names of women and of men, each with its rank by frequency."""
    women, men = _lines("given.txt")
    first, second = (
        {name: rank for rank, name in enumerate(line.split(), 1)} for line in (women, men)
    )
    return dict.fromkeys(_MORE_WOMEN, 1) | first, dict.fromkeys(_MORE_MEN, 1) | second


_MORE_WOMEN: Final = table(
    """
    priya ana anya noor fatima aisha mei yuki sakura ingrid astrid petra lena olga natasha svetlana chiara giulia
    sofia lucia carmen ines beatriz zara leila amina saoirse niamh aoife siobhan freya elsa greta hanna katya
    mina hana yuna sora ayesha deepa kavya nisha pooja divya lakshmi meera shreya ananya chloé zoë zoe amélie
    camille margaux élodie agnieszka kasia zofia magda ewa noa talia shira tamar ola ada isla maeve poppy
    imogen harriet nadia yara rania salma lin xia ying hui jing
    """
)
_MORE_MEN: Final = table(
    """
    lars sven bjorn björn olaf nils magnus johan mikko matti hiro kenji takashi haruto wei jun ming raj arjun
    rahul amit vikram sanjay ravi anil omar ali hassan ahmed mohammed muhammad mehmet emre yusuf ibrahim khalid
    tariq dmitri sergei ivan vlad boris pavel tomas tomás mateo diego pablo javier andrés luca marco matteo
    giovanni alessandro pierre jean luc antoine mathieu theo théo leo liam noah ethan declan niall cormac finn
    rory callum hamish angus ewan tobias lukas matthias jürgen klaus dieter bo hal wyn eli ezra asher levi kofi
    kwame chidi emeka tunde sipho thabo
    """
)


def place(name: str) -> Place | None:
    """The place of that name, whatever its case; None where the tables have none.

    >>> place("nyc").name, place("Lyon").country, place("Slack")
    ('new york city', 'FR', None)
    """
    folded = " ".join(name.lower().replace("’", "'").split()).strip(" .,")
    folded = _ALIASES.get(folded, folded)
    if folded in _REGIONS:
        return Place(folded, "region", "", folded)
    found = _places().get(folded) or _places().get(folded.removeprefix("the "))
    if found is None and folded.endswith(" city"):
        found = _places().get(folded.removesuffix(" city"))
    if found is None:
        return None
    kind, country, region = found
    return Place(folded, _KINDS[kind], country, region)


def same_place(one: str, other: str) -> bool:
    """Return whether two names are of one place: NYC and New York City."""
    first, second = place(one), place(other)
    return first is not None and first == second


def lies_in(inner: str, outer: str) -> bool:
    """Return whether one place lies in the other, as far as the tables tell.

    >>> lies_in("Shenzhen", "Guangdong"), lies_in("Lyon", "France"), lies_in("Lyon", "Spain")
    (True, True, False)
    """
    first, second = place(inner), place(outer)
    if first is None or second is None or first == second:
        return False
    if _CITY_OF.get(first.name) == second.name:
        return True
    if second.kind == "country":
        return first.kind != "country" and first.country == second.country
    if second.kind == "state":
        return first.kind == "city" and (first.country, first.region) == ("US", second.region)
    return second.kind == "region" and _AROUND.get((first.country, first.region)) == second.name


def is_given(name: str) -> bool:
    """Return whether a word is a common given name.

    >>> is_given("Amanda"), is_given("table")
    (True, False)
    """
    folded = name.lower()
    women, men = _given()
    return folded in women or folded in men


def gender(name: str) -> str:
    """The usual gender of a given name: "f", "m", or "" where both or neither bear it."""
    folded = name.lower()
    women, men = _given()
    woman, man = women.get(folded, _RARE), men.get(folded, _RARE)
    if woman * _CLEAR < man:
        return "f"
    return "m" if man * _CLEAR < woman else ""


_RARE: Final = 10_000  # rank of a name that is not listed
_CLEAR: Final = 4  # how many times more frequent a name must be in one gender
