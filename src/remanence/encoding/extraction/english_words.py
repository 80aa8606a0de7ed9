"""Word lists of the English reader: who is kin to whom, what is a trade, which words may stand
between a subject and its verb.

Only words; what is done with them is `english`'s business.
"""

from typing import Final

from remanence.text.words import table

# noun of kinship or company -> the relation that "my <noun> Ana" states; "" names a person without
# one
KIN: Final = {
    noun: relation
    for relation, nouns in {
        "sibling_of": "sister brother sibling twin half-brother half-sister stepbrother stepsister brothers sisters siblings",
        "parent_of": "son daughter kid child baby kids children sons daughters toddler stepson stepdaughter",
        "child_of": "mother father mom mum mama dad papa stepmother stepfather parents",
        "married_to": "wife husband spouse hubby",
        "engaged_to": "fiancé fiancée fiance fiancee",
        "dating": "boyfriend girlfriend",
        "relative_of": "cousin uncle aunt auntie grandmother grandfather grandma grandpa granny grandad nephew niece "
        "grandson granddaughter cousins nieces nephews grandparents grandchildren",
        "friend_of": "friend buddy mate bestie pal friends",
        "colleague_of": "colleague coworker co-worker boss manager teammate supervisor colleagues",
        "": "ex partner neighbour neighbor roommate flatmate teacher landlord doctor therapist mother-in-law father-in-law "
        "sister-in-law brother-in-law classmate",
    }.items()
    for noun in nouns.split()
}
# Of whom there are so few that "my sister" is still Ana in the next turn.
NEAR: Final = table("sibling_of parent_of child_of married_to engaged_to dating")
FEMALE: Final = table(
    "sister mother mom mum mama wife girlfriend fiancée fiancee aunt auntie grandmother grandma "
    "granny niece "
    "daughter stepmother stepdaughter half-sister stepsister granddaughter mother-in-law "
    "sister-in-law"
)
MALE: Final = table(
    "brother father dad papa husband hubby boyfriend fiancé fiance uncle grandfather grandpa "
    "grandad nephew son "
    "stepfather stepson half-brother stepbrother grandson father-in-law brother-in-law"
)
PETS: Final = table(
    "dog dogs puppy puppies cat cats kitten kittens rabbit rabbits bunny hamster hamsters parrot "
    "parrots bird birds "
    "goldfish fish turtle turtles tortoise snake lizard horse horses pony ponies chickens gerbil "
    "ferret "
    "canary budgie retriever poodle labrador corgi terrier beagle pug"
)
OWNABLE: Final = table(
    "car cars bike bikes bicycle motorbike motorcycle scooter house flat apartment cottage cabin "
    "boat van truck "
    "laptop camera piano guitar violin telescope garden allotment farm bakery restaurant shop "
    "cafe café store "
    "studio sailboat yacht caravan campervan tractor drone kayak surfboard"
)
CONDITIONS: Final = table(
    "asthma diabetes migraine migraines arthritis epilepsy adhd autism anxiety depression "
    "insomnia eczema "
    "hypertension cancer anemia anaemia tinnitus vertigo gout scoliosis dyslexia psoriasis "
    "endometriosis"
)
INSTRUMENTS: Final = table(
    "piano guitar violin cello viola flute clarinet drums bass trumpet saxophone trombone harp "
    "accordion ukulele "
    "banjo oboe harmonica keyboard organ mandolin tennis football soccer basketball volleyball "
    "badminton golf chess "
    "hockey rugby cricket squash baseball poker softball handball bridge go snooker darts lacrosse"
)
LANGUAGES: Final = table(
    "english french german spanish italian portuguese dutch swedish norwegian danish finnish "
    "polish czech russian "
    "ukrainian greek turkish arabic hebrew persian farsi hindi urdu bengali tamil telugu chinese "
    "mandarin cantonese "
    "japanese korean vietnamese thai malay indonesian tagalog swahili hungarian romanian "
    "bulgarian serbian croatian "
    "welsh irish catalan basque icelandic latin esperanto zulu"
)
EVENTS: Final = table(
    "concert wedding conference festival party show match game exhibition workshop meeting "
    "parade ceremony funeral "
    "reunion marathon rally meetup seminar lecture fair retreat graduation summit webinar gala "
    "recital gig play "
    "convention tournament hackathon expo premiere class course"
)
SCHOOLS: Final = table(
    "school elementary university college academy institute primary conservatory polytechnic "
    "lycée gymnasium kindergarten eth mit "
    "tu seminary"
)
GROUPS: Final = table(
    "club team band group choir party orchestra society association league committee gym squad "
    "union board council "
    "church troupe ensemble"
)
AWARDS: Final = table(
    "prize prizes award awards medal lion oscar bear palme grammy emmy bafta order cross trophy "
    "cup fellowship medals "
    "championship championships title"
)
OFFICES: Final = (
    "President|Prime Minister|Governor|Mayor|Chancellor|CEO|Chief Executive|Director|Chairman|"
    "Chairwoman|Chair|King|"
    "Queen|Emperor|Bishop|Archbishop|Head|Principal|Rector|Dean|president|prime minister|"
    "governor|mayor|chancellor|"
    "chief executive|director|chairman|chairwoman|chair|king|queen|emperor|bishop|archbishop|"
    "head|principal|rector|dean|"
    "head coach|editor|leader|ruler"
)
OCCUPATIONS: Final = table(
    """
    accountant actor actress administrator adviser advisor agent aide ambassador analyst anchor animator announcer
    apprentice archbishop archer architect archivist assistant astronaut athlete attorney auditor author aviator baker
    banker barber baritone barista barrister bishop blacksmith blogger boxer bricklayer broadcaster broker builder
    businessman businesswoman businessperson butcher butler captain cardinal caretaker carer carpenter cartoonist
    cashier chaplain chef choreographer cinematographer clerk cleaner clergyman coach coder collector comedian
    commander commentator composer conductor consultant contractor cook coordinator copywriter counsellor counselor
    courier cricketer critic curator cyclist dancer dealer dean decorator dentist designer detective developer diplomat
    director diver doctor drummer driver editor educator electrician engineer engraver entrepreneur essayist executive
    explorer farmer film-maker filmmaker fighter financier firefighter fisherman florist footballer freelancer gardener
    general goalkeeper golfer governor guide guitarist gymnast hairdresser handyman headteacher historian host
    illustrator inspector instructor intern interpreter inventor investor janitor jeweller jockey journalist judge
    juggler keyboardist labourer landlord lawyer lecturer librarian librettist lieutenant lifeguard linguist logician
    lyricist magician magistrate maid manager mason mathematician mayor mechanic merchant midwife miner minister
    missionary model monk musician nanny naturalist navigator neuroscientist novelist nun nurse officer operator
    optician organiser organist organizer owner painter paramedic pastor pathologist performer pharmacist philosopher
    photographer physician physicist physiotherapist pianist pilot pioneer planner player playwright plumber poet
    policeman policewoman politician porter postman potter preacher presenter president priest printer printmaker
    producer professor programmer prosecutor psychiatrist publicist publisher rabbi racer rapper receptionist
    recruiter referee reporter researcher restaurateur retailer revolutionary roofer runner sailor salesman
    saleswoman saxophonist scholar scientist screenwriter sculptor secretary senator sergeant server shopkeeper singer
    singer-songwriter skater skier sociologist soldier solicitor songwriter soprano spy statesman statistician student
    superintendent surgeon surveyor swimmer tailor teacher technician tenor tester theologian therapist trader trainer
    translator treasurer trumpeter tutor umpire undertaker vet veterinarian violinist vocalist waiter waitress warden
    weaver welder winemaker wrestler writer youtuber zookeeper
    """
)
TRADE_ENDINGS: Final = (
    "ologist",
    "ician",
    "ographer",
    "ographist",
    "iatrist",
    "onomist",
    "chemist",
    "botanist",
)
DEMONYMS: Final = (
    "Afghan|African|Albanian|Algerian|American|Angolan|Arab|Argentine|Argentinian|Armenian|Asian|"
    "Australian|Austrian|"
    "Azerbaijani|Bangladeshi|Belarusian|Belgian|Bolivian|Bosnian|Brazilian|British|Bulgarian|"
    "Burmese|Cambodian|Canadian|"
    "Chilean|Chinese|Colombian|Croatian|Cuban|Cypriot|Czech|Danish|Dutch|Egyptian|English|"
    "Estonian|Ethiopian|European|"
    "Filipino|Finnish|French|Georgian|German|Ghanaian|Greek|Guatemalan|Haitian|Hungarian|"
    "Icelandic|Indian|Indonesian|"
    "Iranian|Iraqi|Irish|Israeli|Italian|Jamaican|Japanese|Jewish|Jordanian|Kazakh|Kenyan|Korean|"
    "Kurdish|Kuwaiti|Latvian|"
    "Lebanese|Libyan|Lithuanian|Macedonian|Malaysian|Maltese|Mexican|Moldovan|Mongolian|Moroccan|"
    "Nepalese|Nepali|"
    "New Zealand|Nigerian|North Korean|Northern Irish|Norwegian|Ottoman|Pakistani|Palestinian|"
    "Panamanian|Paraguayan|"
    "Persian|Peruvian|Polish|Portuguese|Prussian|Puerto Rican|Roman|Romanian|Russian|Rwandan|"
    "Saudi|Scottish|Senegalese|"
    "Serbian|Singaporean|Slovak|Slovenian|Somali|South African|South Korean|Soviet|Spanish|Sri "
    "Lankan|Sudanese|Swedish|"
    "Swiss|Syrian|Taiwanese|Tanzanian|Thai|Tunisian|Turkish|Ugandan|Ukrainian|Uruguayan|"
    "Venezuelan|Vietnamese|Welsh|"
    "Yugoslav|Zambian|Zimbabwean"
)
# Adjectives that say how well known someone is, not what he does.
PRAISE: Final = table(
    "former retired famous prominent noted renowned well-known leading influential young "
    "award-winning notable "
    "popular celebrated acclaimed eminent early late new small large big major minor full-time "
    "part-time freelance "
    "qualified certified fully good great real proud first second third fourth fifth sixth "
    "seventh eighth debut only "
    "free simple modern old current"
)

# Between a subject and its verb: what may stand there, and what it does to the statement.
SKIPPED: Final = table(
    """
    have has had 've am are is was were 's 'm 're be been being do does did just also currently now still recently
    finally already actually really always both once first mostly usually often sometimes later then soon eventually
    originally subsequently officially primarily mainly largely all simply totally absolutely definitely literally
    officially presently formerly got get even only quite very so too probably long since each jointly further either
    honestly basically obviously generally mainly partly half best rather whole-heartedly love loves enjoy enjoys
    """
)
NEGATING: Final = table("n't not never hardly neither nor")
BLOCKING: Final = table(
    "would 'd might may could should must shall will 'll wo can ca cannot to if maybe perhaps "
    "about almost nearly "
    "hope hopes wish"
)
ENDING: Final = table("stopped quit stop miss misses")
BEGINNING: Final = table("started began start begun begin")
FIRST_PERSON: Final = table("i we")
SECOND_PERSON: Final = table("you")
THIRD_PERSON: Final = table("he she it they")
# Capitalised at the head of a sentence without being names.
STARTERS: Final = table(
    """
    a an the this that these those there here in on at by for from with without within during after before since until
    while when where why what who whom whose which how if although though because as and but or so yet nor not no yes
    yeah oh ah wow well hey hi hello ok okay thanks thank please sorry sure my our your his her its their he she it they
    we you i everyone everybody someone somebody nobody anyone most many some several few both all each every another
    other such one two three also then now today yesterday tomorrow tonight last next this however moreover furthermore
    meanwhile later recently currently originally eventually finally honestly actually maybe perhaps guess don't do does
    did is are was were be been have has had can could will would should may might must let let's just only even still
    according among despite under over between through around about its like unlike neither either once born speaking
    people public general special sounds looks seems feels smells tastes created directed written produced released designed
    built published named formed established themes partially originally initially loosely based located situated founded known good great nice happy
    """
)
CONNECTORS: Final = table(
    "of the de da del der den di du von van la le les el al bin ibn and for & y e"
)
# What a title may be called later on in its own article.
CLASSES: Final = table(
    "film movie album song single novel book series show game play opera company organisation "
    "organization band group "
    "village town city district county university school college station river lake mountain "
    "magazine newspaper "
    "story bridge church building island team club airport museum province region label"
)
# No object begins with these, and a noun phrase ends before them.
STOPS: Final = (
    "and|I|or|but|because|so|when|while|which|who|whom|that|than|in|on|at|for|with|from|since|"
    "until|to|into|by|about|as|if|"
    "is|are|was|were|am|be|been|has|have|had|do|does|did|will|would|can|could|should|i|you|he|"
    "she|it|they|we|though|"
    "although|where|after|before|during|through|near|yesterday|today|tomorrow|tonight|now|again|"
    "last|next|anymore|too|"
    "lol|haha|instead|everyone|not|n't|off|over|together|these|those|this|me|him|them|us|then|"
    "just|also|how|what|why|"
    "really|either|once|ago|every|without|between|despite|whenever|please|sadly|right|alone|"
    "there|here|already|out|up|"
    "back|all|even|only|around|called|named|like|more|much|pretty|some(?=times)|always|lately|"
    "nowadays"
)
