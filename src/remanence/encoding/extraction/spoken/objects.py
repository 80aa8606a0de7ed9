"""Objects that a frame narrows: kinds that hold for one row of the table or a few."""

from typing import Final

from remanence.encoding.extraction.spoken import lexicon, phrases
from remanence.encoding.extraction.spoken.phrases import DETERMINERS, Cutter, Span
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.words import table

_SCHOOL: Final = table(
    """
    school elementary university college academy institute uni grad-school law-school med-school kindergarten mit
    eth ucla nyu harvard yale stanford oxford cambridge princeton berkeley cornell columbia duke durham polytechnic
    seminary community-college medical nursing highschool high-school preschool nursery bootcamp
    """
)
_BUSINESS: Final = table(
    """
    bakery restaurant shop store café cafe company business startup farm salon studio agency firm gym bar pub
    clinic practice blog channel podcast bookshop bookstore gallery garage brewery hotel hostel b&b daycare
    nursery boutique food-truck truck charity nonprofit consultancy dealership laundromat barbershop franchise
    team department lab office newsletter nail kennel stall vineyard dojo yard
    """
)
_GAMES: Final = table(
    """
    piano guitar violin viola cello flute clarinet drums bass trumpet sax saxophone trombone harp accordion ukulele
    banjo oboe harmonica keyboard organ mandolin bagpipes recorder tennis football soccer basketball volleyball
    badminton golf chess hockey rugby cricket squash baseball poker softball handball bridge go snooker darts
    lacrosse netball pool pickleball ping-pong table-tennis padel dnd d&d minecraft fortnite valorant zelda
    videogames games video-games board-games fifa overwatch warcraft scrabble sudoku tetris roblox mahjong futsal
    water-polo polo paintball frisbee bowls racquetball dominoes magic warhammer pokemon pokémon sims
    """
)
_SPORTS: Final = table(
    """
    yoga pilates karate judo taekwondo jiu-jitsu bjj boxing kickboxing crossfit ballet gymnastics parkour archery
    fencing climbing bouldering calligraphy pottery photography woodworking gardening meditation origami magic
    martial aikido capoeira zumba triathlons triathlon weightlifting powerlifting athletics cheerleading improv
    standup stand-up salsa tango ballroom crosswords
    """
)
_RACE: Final = table(
    "marathon marathons half-marathon half-marathons 5k 10k ultras ultra ultramarathon ultramarathons triathlon ironman relay"
)
_VEHICLES: Final = table(
    """
    car truck van bus motorcycle motorbike scooter bike taxi suv pickup jeep tesla toyota honda ford bmw audi
    mercedes volvo mazda nissan kia hyundai subaru volkswagen vw fiat peugeot renault corolla civic prius camry
    jetta golf mustang wrangler outback vespa lorry minivan hatchback sedan chevy chevrolet dodge lexus skoda
    seat mini cooper porsche beetle passat tacoma f-150 silverado accord
    """
)
_PARTNERS: Final = table(
    "boyfriend girlfriend husband wife fiancé fiancee fiance partner sweetheart soulmate"
)
_RELATIVES: Final = table(
    """
    mum mom mother dad father wife husband brother sister son daughter grandma grandpa gran nan grandad grandmother
    grandfather uncle aunt cousin friend dog cat baby partner granddad nana
    """
)
_HABITS: Final = table(
    """
    smoking drinking alcohol caffeine coffee sugar meat dairy gluten weed cigarettes vaping gambling soda carbs
    sweets chocolate nicotine cigs fags beer wine junk red social instagram facebook twitter tiktok bread
    piano guitar ballet football running booze snus
    """
)
_BODILY: Final = table(
    "blood pressure cholesterol back knee knees hearing eyesight vision heart iron sugar"
)
_EXAMS: Final = table(
    "exam exams test driving bar boards finals thesis viva gcse gcses a-levels sat lsat mcat board"
)
_TRIPS: Final = table(
    "trip cruise holiday vacation honeymoon road safari retreat tour pilgrimage hike"
)
_ANIMALS: Final = lexicon.PETS | table(
    "bees cows pigs sheep goats chickens ducks rabbits alpacas llamas horses pigeons cattle"
)
_DIETARY: Final = table("diet keto low-carb low-fat fast paleo dash fodmap")
_FORCE: Final = table("navy army air marines military police service forces corps")
_NUMBERS: Final = table(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
)


def gerund(words: Words, at: int, stop: int) -> list[Span]:
    """A gerund with what belongs to it, or a noun for a habit."""
    low = words.low
    if at >= stop:
        return []
    if (
        low[at].endswith("ing")
        and len(low[at]) > 4
        and low[at] not in ("thing", "nothing", "something")
    ):
        return phrases.activities(words, at, stop)[:1]
    return phrases.noun_phrase(words, at, stop) if low[at] in _HABITS else []


def age(words: Words, at: int, stop: int) -> list[Span]:
    """A number of years."""
    low = words.low
    if at >= stop or not is_years(low[at]):
        return []
    return [(at, at + 1)] if at + 1 >= stop or low[at + 1] not in _NOT_YEARS else []


_NOT_YEARS: Final = table(
    "minutes hours days weeks months miles km kg pounds lbs cm feet percent times people pages dollars am pm of k into"
)


def is_years(word: str) -> bool:
    """Whether a word is a number of years that a person can have."""
    if word.isdigit():
        return 0 < int(word) < 111
    return word in _NUMBERS or (
        word.split("-", 1)[0] in _NUMBERS and "-" in word and word.split("-", 1)[1] in _NUMBERS
    )


def holding(lexical: frozenset[str]) -> Cutter:
    """A noun phrase with a word of a list in it."""

    def cutter(words: Words, at: int, stop: int) -> list[Span]:
        found = phrases.noun_phrase(words, at, stop)
        inside = found and any(word in lexical for word in words.low[found[0][0] : found[0][1]])
        return found if inside else []

    return cutter


def headed(lexical: frozenset[str]) -> Cutter:
    """A noun phrase whose last word is of a list."""

    def cutter(words: Words, at: int, stop: int) -> list[Span]:
        found = phrases.noun_phrase(words, at, stop)
        return found if found and words.low[found[0][1] - 1] in lexical else []

    return cutter


def school(words: Words, at: int, stop: int) -> list[Span]:
    """A school by its noun, or a name with one."""
    found = phrases.organisation(words, at, stop)
    if found and any(word in _SCHOOL for word in words.low[found[0][0] : found[0][1]]):
        return found
    return []


def bought(words: Words, at: int, stop: int) -> list[Span]:
    """A thing with an article: "a cargo bike"; not "lunch"."""
    low = words.low
    if (
        at >= stop
        or low[at] not in DETERMINERS | {"two", "three"}
        or low[at] in ("this", "that", "some")
    ):
        return []
    found = phrases.noun_phrase(words, at, stop)
    if found and words.low[found[0][1] - 1] in _EATEN:
        return []
    return found


_EATEN: Final = table(
    """
    coffee lunch dinner drink pizza sandwich burger beer tea snack meal book ticket tickets bottle bunch bag box
    pack gift present round cake card few lot week glass break shot cold flu headache call job girlfriend boyfriend
    letter message email text haircut refund chance
    """
)


def thing(words: Words, at: int, stop: int) -> list[Span]:
    """What can be bought or got for good."""
    found = phrases.noun_phrase(words, at, stop)
    return [] if found and words.low[found[0][1] - 1] in _EATEN | _INTANGIBLE else found


_INTANGIBLE: Final = table(
    """
    mind way temper patience job hope faith interest weight virginity voice appetite sleep touch track battle game
    match bet son daughter dad mum mom father mother wife husband brother sister friend friends grandma grandpa
    balance focus confidence motivation boss assignment idea perspective high low record start year manager teacher
    everything world time life
    """
)


def pets(words: Words, at: int, stop: int) -> list[Span]:
    """Animals kept: "a dog", "two cats and a parrot"; not "dog food"."""
    found = [_bare(words, span) for span in _pets(words, at, stop)]
    return [span for span in found if span[1] >= stop or words.low[span[1]] not in _AFTER_PET]


def _bare(words: Words, span: Span) -> Span:
    """An animal with its number and breed alone: "two cats", "golden retriever"."""
    first, after = span
    kept = after - 1
    while kept > first and (words.low[kept - 1] in _BREEDS or words.low[kept - 1] in lexicon.PETS):
        kept -= 1
    if kept > first and (words.low[kept - 1] in _NUMBERS or words.low[kept - 1].isdigit()):
        kept -= 1
    return kept, after


_BREEDS: Final = table(
    "golden german french border great guinea yorkshire maine siamese persian bengal corn leopard english cocker bull jack russell shih scottish bearded"
)


_AFTER_PET: Final = table(
    "food walker person lover toy hair bed park sitter show people treats poop allergy trainer"
)
_pets: Final = phrases._listed(phrases.one_of(lexicon.PETS, reach=6))  # noqa: SLF001


def going(words: Words, at: int, stop: int) -> list[Span]:
    """The words from the verb before "to" on, where a place follows: "flying to Oslo"."""
    found = phrases.known_name(words, at, stop)
    if not found:
        return []
    k, after = at, found[0][1]
    while k > 0 and not words.low[k].endswith("ing"):
        k -= 1
    if after < stop and words.low[after] == "to":
        onward = phrases.known_name(words, after + 1, stop)
        after = onward[0][1] if onward else after
    return [(k, after)]


def trip(words: Words, at: int, stop: int) -> list[Span]:
    """A journey with where it goes: "vacation to the beach"."""
    found = holding(_TRIPS)(words, at, stop)
    if found and found[0][1] < stop and words.low[found[0][1]] in ("to", "in", "around", "through"):
        further = phrases.noun_phrase(words, found[0][1] + 1, stop)
        return [(found[0][0], further[0][1])] if further else found
    return found


def named_place(words: Words, at: int, stop: int) -> list[Span]:
    """A place by its name: known, or written large."""
    found = phrases.place(words, at, stop)
    return (
        found
        if found and (phrases.known_name(words, at, stop) or words.capital(found[0][1] - 1))
        else []
    )


def address(words: Words, at: int, stop: int) -> list[Span]:
    """A house number with its street: "14 Larkfield Road"."""
    found = phrases._address(words, at, stop) if words.low[at][0].isdigit() else []  # noqa: SLF001
    return [span for span in found if words.low[span[1] - 1] in _STREETS]


_STREETS: Final = table(
    "street st road rd avenue ave lane ln drive dr close court way place square terrace boulevard blvd crescent"
)


def having(words: Words, at: int, stop: int) -> list[Span]:
    """A thing that is had for longer: "a scholarship", "two vintage cars"; not "a question"."""
    low = words.low
    if at >= stop or low[at] not in _HAVING:
        return []
    found = phrases.noun_phrase(words, at, stop)
    if not found:
        return []
    first, after = found[0]
    if (
        low[after - 1] in _HELD
        or low[first] in _HELD
        or low[after - 1].endswith("ing")
        or low[first] in _VAGUE
    ):
        return []
    return (
        found
        if after >= stop or low[after] not in ("to", "that", "about", "for", "because", "when")
        else []
    )


_HAVING: Final = table("a an two three four five six 2 3 4 5 6 my")
_VAGUE: Final = table(
    "very really good great bad hard nice huge big lot couple few bunch long rough tough weird crazy better similar different"
)
_HELD: Final = table(
    """
    question questions problem problems idea ideas feeling feelings time chance fun look day night week weekend lot
    bit reason choice point thing things way hunch doubt clue cold headache moment minute second sec talk chat
    conversation fight argument meeting call deadline job exam test appointment interview party lunch dinner
    breakfast drink coffee beer wine meal snack trip holiday vacation flight plan plans dream nightmare crush
    blast rest nap break sip bite hope hopes issue issues opinion effect concern suggestion request favor favour
    complaint comment answer response understanding sense tendency habit hard problem meltdown breakdown
    family friend friends people guy girl boy man woman child kid kids person brother sister partner boyfriend
    girlfriend husband wife baby son daughter date hangover shower bath walk mess accident tip secret story joke
    message email letter visitor guest guests list deal case version file error bug warning link
    one ones half share part kind sort type amount number class lesson essay project assignment paper dog cat
    day off craving heart soul mind voice face body life experience relationship memory
    """
)


def role(words: Words, at: int, stop: int) -> list[Span]:
    """What somebody works as: a trade, or any noun phrase."""
    return phrases.job(words, at, stop) or phrases.noun_phrase(words, at, stop)


def allergy(words: Words, at: int, stop: int) -> list[Span]:
    """The cause in "a peanut allergy"."""
    found = phrases.noun_phrase(words, at, stop)
    if not found or words.low[found[0][1] - 1] not in ("allergy", "allergies", "intolerance"):
        return []
    first, after = found[0]
    while first < after - 1 and words.low[first] in (
        "severe",
        "bad",
        "serious",
        "mild",
        "nasty",
        "food",
    ):
        first += 1
    return [(first, after - 1)] if after - 1 > first else []


_AILMENTS: Final = table(
    """
    attack attacks headache headaches pain pains seizure seizures disorder disease syndrome tumor tumour injury
    failure condition infection palsy apnea back knee knees stroke murmur sclerosis fibrosis cyst fever
    """
)
_FIELDS: Final = table(
    """
    marketing tech sales finance it hr retail healthcare education construction banking insurance law engineering
    consulting logistics advertising publishing hospitality nursing accounting security design software pr media
    recruiting recruitment pharma biotech agriculture academia journalism
    """
)


def field(words: Words, at: int, stop: int) -> list[Span]:
    """A line of work: "marketing"."""
    return [(at, at + 1)] if at < stop and words.low[at] in _FIELDS else []


_EATABLE: Final = table(
    """
    dairy gluten milk nuts eggs fish shellfish meat pork beef sugar alcohol caffeine coffee peanuts wheat bread soy
    cheese grapefruit salt spicy food wine seafood lactose
    """
)
OBJECTS: Final[dict[str, Cutter]] = {
    **phrases.CUTTERS,
    "ing": gerund,
    "years": age,
    "school": school,
    "schoolish": holding(_SCHOOL | table("degree course program programme phd")),
    "schoolyear": holding(table("year semester grade final")),
    "grade": holding(table("grade school college kindergarten university uni")),
    "schoolorg": school,
    "business": headed(_BUSINESS),
    "subject": phrases.noun_phrase,
    "partner": headed(_PARTNERS),
    "relative": phrases.one_of(_RELATIVES),
    "child": holding(table("baby child girl boy daughter son kids children twins")),
    "pets": pets,
    "animals": phrases._listed(phrases.one_of(_ANIMALS)),  # noqa: SLF001
    "team": thing,
    "medicines": phrases.noun_phrases,
    "bodily": holding(_BODILY),
    "removed": holding(table("removed out tonsils appendix wisdom gallbladder")),
    "game": phrases._listed(phrases.one_of(_GAMES)),  # noqa: SLF001
    "sport": phrases._listed(phrases.one_of(_SPORTS)),  # noqa: SLF001
    "race": phrases._listed(phrases.one_of(_RACE)),  # noqa: SLF001
    "vehicle": holding(_VEHICLES),
    "bought": bought,
    "things": thing,
    "thing": thing,
    "product": phrases.one_of(lexicon.PRODUCTS | lexicon.OWNABLE, reach=3),
    "brand": phrases.one_of(lexicon.PRODUCTS | lexicon.OWNABLE, reach=3),
    "trip": trip,
    "role": role,
    "celebration": headed(
        table("anniversary birthday graduation wedding retirement engagement christening")
    ),
    "allergyof": allergy,
    "ailment": headed(_AILMENTS),
    "surgical": headed(
        table("surgery operation transplant bypass c-section mastectomy hysterectomy")
    ),
    "degree": headed(
        table(
            "degree phd masters master's bachelors bachelor's mba diploma thesis doctorate ged msc"
        )
    ),
    "field": field,
    "petnamed": pets,
    "knowns": phrases._listed(phrases.known_name),  # noqa: SLF001
    "named": named_place,
    "having": having,
    "address": address,
    "eaten": headed(_EATABLE),
    "exam": holding(_EXAMS),
    "goplace": going,
    "dietary": headed(_DIETARY),
    "quitted": holding(_HABITS),
    "force": headed(_FORCE),
}
