"""Facts of spoken English, kind by kind, as people type it; and what states none."""

import pytest

from remanence import instants
from remanence.encoding.extraction import extract
from remanence.encoding.extraction.spoken.frames import PREDICATES, VERBS
from remanence.encoding.extraction.spoken.objects import OBJECTS
from remanence.encoding.extraction.spoken.tokens import words

AT = instants.parse("2025-03-20T09:00:00")


def said(text, speaker="Wei"):
    found = extract(text, speaker=speaker, addressee="Sara", at=AT)
    return {(c.subject, c.relation, c.object): c for c in found}


def rows(table):
    """Lines of `text => relation object`, of the speaker unless "subject:" stands first."""
    for line in table.strip().splitlines():
        text, _, fact = line.partition(" => ")
        subject, _, rest = fact.rpartition(": ")
        relation, _, value = rest.partition(" ")
        yield text.strip(), (subject or "Wei", relation, value)


HOME = """
been living in denver for 6 years now => lives_in denver
moving to berlin in june! => plans_to move to berlin
just moved from chicago to austin => lives_in austin
we relocated to Bristol last spring => lives_in Bristol
im currently in portland, oregon => lives_in portland, oregon
i'm based in Lyon these days => lives_in Lyon
i grew up in kenya but live in london these days => lives_in london
i'm originally from poland => comes_from poland
we bought a house in leeds last year => owns_home_in leeds
my parents are in florida => Wei's parents: lives_in florida
my brother lives in cape town => Wei's brother: lives_in cape town
i share a flat with two friends in dublin => lives_in dublin
i rent a studio in brooklyn => lives_in brooklyn
I used to live in Graz => lives_in Graz
I told you I don't live in Texas => lives_in Texas
my cousin Dee stays in Lagos => Dee: lives_in Lagos
My sister Anouk van der Berg lives in Utrecht. => Anouk van der Berg: lives_in Utrecht
"""
WORK = """
working as a barista while i finish school => works_as barista
i do night shifts at the hospital => works_shift nights
i just got hired at amazon => works_for amazon
got fired from tesco yesterday => works_for tesco
i've been a nurse for ten years => works_as nurse
i've worked at ikea since 2019 => works_for ikea
i left Google in march => works_for Google
i own a small cafe => runs cafe
i'm a retired teacher => works_as retired teacher
my husband is a firefighter => Wei's husband: works_as firefighter
my dad works in construction => Wei's dad: works_in construction
i work part time at a bookstore => works_for bookstore
i work nights as a security guard => works_as security guard
i am an accountant by trade => works_as accountant
i'm in marketing => works_in marketing
my boss Karen is strict => has_boss Karen
I was laid off from Shopify => works_for Shopify
i lost my job today => lost_job job
i quit my job at Initech => works_for Initech
i retired in 2020 => work_status retired
i volunteer at the food bank thursdays => volunteers_at food bank
i earn 40k a year => salary 40k a year
"""
STUDY = """
i'm studying biology at oxford => studies biology
i'm studying biology at oxford => studies_at oxford
majoring in computer science => studies computer science
i graduated from MIT in 2015 => educated_at MIT
i dropped out of college => studies_at college
i just finished my phd => completed_degree phd
i'm learning japanese => learns japanese
i am a full time student => education_stage full time student
"""
FAMILY = """
i have two older brothers and a younger sister => sibling_of two older brothers
i have 3 kids, the oldest is 12 => parent_of 3 kids
my daughter Mia is 4 => Mia: age 4
my daughter Mia is 4 => parent_of Mia
my son just turned 7 => Wei's son: age 7
we have a son named Oscar => parent_of Oscar
my son is Tim => parent_of Tim
my mum passed away last year => Wei's mum: life_status passed away
i lost my dad to cancer => Wei's dad: life_status passed away
my grandma is 91 => Wei's grandma: age 91
i've got twin boys => parent_of twin boys
my uncle Bob owns a farm => relative_of Bob
my parents are Ruth and Carl => child_of Ruth
my best friend is Omar => friend_of Omar
hubby is a vet => has_partner Wei's hubby
"""
PARTNERS = """
im married to lena => married_to lena
i've been married for 12 years => relationship_status married
i got married last summer => relationship_status married
my fiance Mark is a chef => engaged_to Mark
i'm single => relationship_status single
i just got divorced => relationship_status divorced
I'm dating a guy named Viktor => dating Viktor
i broke up with Jonas => dating Jonas
my wife's name is Lena => married_to Lena
Ben and I got engaged! => Ben: engaged_to Wei
"""
PETS = """
i have a golden retriever named Max => has_pet golden retriever
i have a golden retriever named Max => Wei's retriever: named Max
our cat Luna is 12 => Wei's cat: named Luna
we adopted a puppy last weekend => has_pet puppy
i have two cats and a dog => has_pet two cats
my dog is called Biscuit => Wei's dog: named Biscuit
my dog died yesterday => has_pet dog
"""
SELF = """
i'm 27 years old => age 27
im 34 and tired => age 34
my birthday is on march 3rd => birthday march 3rd
i was born in 1988 => born_on 1988
i'm 6 feet tall => height 6 feet
i weigh 80 kg => weight 80 kg
my name is John but everyone calls me Jack => named John
my name is John but everyone calls me Jack => named Jack
call me Liz => named Liz
i'm amanda => named amanda
i'm catholic => trait catholic
i'm left handed => trait left handed
my phone number is 555-123-4567 => has_phone 555-123-4567
email me at wei.c@example.org, not the work one => has_email wei.c@example.org
our anniversary is june 5 => anniversary june 5
"""
TASTE = """
i love hiking and camping => likes camping
really into true crime podcasts => likes true crime podcasts
big fan of the beatles => likes beatles
my favorite band is radiohead => favourite_music radiohead
My favourite book is Pride and Prejudice. => favourite_book Pride and Prejudice
i prefer tea over coffee => likes tea
i like fish and chips => likes fish and chips
can't stand cilantro => dislikes cilantro
i dont like parties => dislikes parties
not a fan of horror movies => dislikes horror movies
i'm scared of spiders => afraid_of spiders
terrified of flying so we take the ferry => afraid_of flying
i like ramen btw => likes ramen
"""
HEALTH = """
i'm vegetarian => diet vegetarian
i've been vegan since 2018 => diet vegan
i don't eat pork => avoids pork
i can't eat gluten => avoids gluten
i'm lactose intolerant => diet lactose intolerant
i have a peanut allergy => allergic_to peanut
I'm allergic to milk, and also to eggs. => allergic_to eggs
i gave up sugar in january => quit sugar
i have type 2 diabetes => has_condition type 2 diabetes
i was diagnosed with adhd last year => has_condition adhd
i suffer from migraines => has_condition migraines
i take 20mg of prozac every day => takes_medicine 20mg of prozac
my doctor prescribed me statins => takes_medicine statins
i'm on antidepressants => takes_medicine antidepressants
i broke my leg skiing => injured leg
i had knee surgery in 2020 => surgery knee surgery
i have high blood pressure => has_condition high blood pressure
i don't smoke anymore => quit smoking
my wife is pregnant => Wei's wife: has_condition pregnant
"""
DOING = """
i go running every morning => habit go running every morning
i wake up at 5am every day => habit wake up at 5am every day
i play the guitar => plays guitar
i used to play the drums => plays drums
i collect vinyl records => collects vinyl records
my hobbies are knitting and gardening => hobby knitting
i drive a toyota corolla => drives toyota corolla
i just bought a new laptop => owns new laptop
i sold my bike => owns bike
i lost my keys => lost keys
my car is a honda civic => owns honda civic
i have an iphone 13 => owns iphone 13
i went to japan last year => has_visited japan
i've been to paris twice => has_visited paris
i'm flying to new york on friday => plans_to fly to new york
i want to learn to surf => wants_to learn to surf
i cancelled my gym membership => cancelled gym membership
i have a dentist appointment on tuesday at 3 => has_appointment dentist appointment
i switched from spotify to apple music => uses apple music
i speak three languages: english, french and arabic => speaks arabic
i'm training for a triathlon => trains_for triathlon
"""
TABLES = {
    "home": HOME,
    "work": WORK,
    "study": STUDY,
    "family": FAMILY,
    "partners": PARTNERS,
    "pets": PETS,
    "self": SELF,
    "taste": TASTE,
    "health": HEALTH,
    "doing": DOING,
}


@pytest.mark.parametrize(
    ("text", "fact"), [pair for table in TABLES.values() for pair in rows(table)]
)
def test_what_people_say_of_themselves_is_read(text, fact):
    assert fact in said(text)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("I used to live in Graz", ("Wei", "lives_in", "Graz")),
        ("i left Google in march", ("Wei", "works_for", "Google")),
        ("i broke up with Jonas", ("Wei", "dating", "Jonas")),
        ("i sold my bike", ("Wei", "owns", "bike")),
        ("my dog died yesterday", ("Wei", "has_pet", "dog")),
        ("i used to play the drums", ("Wei", "plays", "drums")),
        ("I've gone off techno", ("Wei", "likes", "techno")),
        ("Vestra fired me", ("Wei", "works_for", "Vestra")),
        ("I left the chess club", ("Wei", "member_of", "chess club")),
        ("Marco and I split up", ("Wei", "dating", "Marco")),
    ],
)
def test_an_ending_ends(text, fact):
    assert said(text)[fact].change == "end"


@pytest.mark.parametrize("text", ["I lost my job", "i got laid off", "i'm retired", "i resigned"])
def test_a_job_without_a_name_ends_whatever_there_was(text):
    assert said(text)["Wei", "works_for", ""].change == "end"


def test_a_switch_names_the_old_and_the_new():
    switch = said("i switched from spotify to deezer")["Wei", "uses", "deezer"]
    assert (switch.change, switch.replaces) == ("replace", "spotify")


NOTHING = """
do you live in Berlin?
where do you work
what should i cook for dinner
if i lived in Rome i'd be happy
I wish I had a dog
imagine being married to a chef
people assume I live in Texas
everyone thinks i'm a doctor
my colleague said he moved to Oslo
He told me "I live in Rome and own a boat"
in the game i have a dragon and live in a tower
my character is a 300 year old elf who lives in Waterdeep
I had a dream that I moved to Mars
write me a poem about a nurse who lives in Oslo
pretend you are my grandmother
wow GREAT, i just LOVE mondays 🙄
yeah right, i love getting up at 4
> I moved to Turin.
Fwd: I am allergic to bees
translate to french: i live in oslo
Amanda: i got a dog
The sign at the door: I'm vegan and proud.
I feel like I'm 80 years old today.
i'm 5 minutes away
i almost bought a house
maybe i'll move to Berlin
the train's late again
thanks so much!!
that's a great idea
i have a question
i need that report by friday
let's say john is 5 years older than mary
would you rather fly or be invisible
how do i convert a docx to pdf
that movie was great
can you help me with my essay
the meeting ran late
i see what you mean
sounds good to me
i think so too
she likes it
what time is it in auckland
"""


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_nothing_is_read_into_what_states_nothing(text):
    assert not said(text)


@pytest.mark.parametrize(
    "text",
    [
        "We moved to Slack last month.",
        "I moved to Plan B.",
        "I live in VS Code these days.",
        "We migrated to Postgres.",
        "I moved to the next level",
        "i live in fear",
    ],
)
def test_what_is_no_place_is_no_home(text):
    assert not [key for key in said(text) if key[1] == "lives_in"]


@pytest.mark.parametrize(
    "text", ["I work with Ana on the project.", "I work with Excel every day."]
)
def test_people_and_tools_are_no_employers(text):
    assert not [key for key in said(text) if key[1] == "works_for"]


@pytest.mark.parametrize(
    "text", ["Martin King Jr. lives in Atlanta.", "John Smith, my student, lives in Hull."]
)
def test_a_third_persons_verb_is_never_the_speakers(text):
    assert not [key for key in said(text) if key[:2] == ("Wei", "lives_in")]


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("im from Oslo", ["i", "am", "from", "oslo"]),
        ("I don't", ["i", "do", "not"]),
        ("dont", ["do", "not"]),
        ("she'll've", ["she'll", "have"]),
        ("we're", ["we", "are"]),
        ("gonna", ["going", "to"]),
        ("Ana's", ["ana", "'s"]),
    ],
)
def test_contractions_are_opened_with_or_without_their_mark(typed, plain):
    assert words(typed).low == plain


def test_words_stand_where_they_are_written():
    text = "im from Oslo, don't ask"
    read = words(text)
    assert all(0 <= a <= b <= len(text) for a, b in zip(read.start, read.end, strict=True))
    assert read.slice(3, 4) == "Oslo"


def test_every_frame_has_a_kind_that_is_cut():
    special = {"matched", "matchedhead", "ginner", "vpinner", "planget", "swapped", "there"}
    for frames in (*VERBS.values(), *PREDICATES.values()):
        for frame in frames:
            assert frame.kind.startswith("=") or frame.kind in OBJECTS or frame.kind in special


def test_what_a_model_said_of_an_uncertain_place_ends_nothing():
    moved = said("my parents are in florida")
    assert all(c.confidence < 0.7 for key, c in moved.items() if key[1] == "lives_in")
