"""Word lists of spoken English: fillers, auxiliaries, roles of people, kinds of things."""

from typing import Final

from remanence.text.words import table

FILLERS: Final = table(
    """
    well oh ah um uh hmm hm yeah yep yes ya no nope nah ok okay hey hi hello hiya yo omg omfg wow lol lmao haha
    hahaha rofl ugh tbh btw fyi imo imho ngl tbf idk smh anyway anyways honestly actually basically literally
    seriously so like also plus and but then good great nice cool thanks thx thank-you sorry oops sure right
    alright fun finally luckily sadly unfortunately fortunately apparently obviously anyhow guys dude bro man
    mate edit update reminder ps p.s. hooray yay news guess personally currently nowadays today recently lately
    just now again still cheers aww aw wait okayyy oof damn dang gosh jeez evening morning afternoon well-then me
    too although though however confession yess yesss welp ahh ohh exactly interesting awesome really because bc
    cuz cos since as please remember note record store save long-time newbie here first second third btw.
    """
)
ADVERBS: Final = table(
    """
    just also currently now still recently finally already actually really always both once mostly usually often
    sometimes later then soon eventually originally officially mainly largely all simply totally absolutely
    definitely literally presently even only quite very so too probably honestly basically obviously generally
    partly rather kinda sorta pretty super severely slightly mildly highly deeply extremely seriously never
    ever almost nearly yet lately normally typically regularly rarely hardly barely occasionally myself
    personally truly completely half best tbh lol again each either newly happily legally technically kind-of
    proudly insanely massively terribly violently deathly ridiculously low-key lowkey hella wicked proper dead
    a-bit bit secretly thankfully luckily sadly unfortunately apparently deffo def constantly fully much bloody
    """
)
HABITUAL: Final = table("always usually often normally typically regularly sometimes mostly")
BE: Final = table("am is are was were be been being 's")
HAVE: Final = table("have has had having")
DO: Final = table("do does did")
MODALS: Final = table("would could might may should must shall")
NOT: Final = table("not never neither nor hardly barely rarely")
SEPARATORS: Final = frozenset(
    [
        ",",
        ";",
        ":",
        "-",
        "(",
        ")",
        ".",
        "!",
        "?",
        "\n",
        "…",
        "and",
        "but",
        "so",
        "because",
        "bc",
        "cuz",
        "cos",
        "cause",
        "since",
        "though",
        "although",
        "while",
        "whereas",
        "plus",
        "lol",
        "haha",
        "lmao",
        "tho",
        "yet",
        "then",
        "&",
    ]
)
ENDERS: Final = frozenset([".", "!", "?", "\n", "…"])
WH: Final = table("what where when who whom whose which why how")
# role of a person -> the relation that "my <role>" states
ROLES: Final = {
    role: relation
    for relation, roles in {
        "sibling_of": "sister brother sibling sis bro twin half-brother half-sister stepbrother "
        "stepsister sisters brothers siblings twins",
        "parent_of": "son daughter kid child baby kids children sons daughters toddler stepson "
        "stepdaughter newborn eldest youngest oldest kiddo kiddos girls boys little-one teenager "
        "teenagers "
        "stepkids",
        "child_of": "mother father mom mum mama mam dad papa stepmother stepfather stepdad stepmum "
        "stepmom parents mummy mommy daddy folks pops",
        "relative_of": "cousin uncle aunt auntie grandmother grandfather grandma grandpa granny "
        "grandad granddad gran nan nana nephew niece grandson granddaughter cousins nieces nephews "
        "grandparents grandchildren grandkids aunts uncles mother-in-law father-in-law "
        "sister-in-law "
        "brother-in-law mil fil in-laws godson goddaughter godfather godmother abuela abuelo oma "
        "opa "
        "son-in-law daughter-in-law family grandchild",
        "has_partner": "wife husband spouse hubby fiancé fiancée fiance fiancee boyfriend girlfriend "
        "bf gf partner missus wifey",
        "friend_of": "friend buddy mate bestie bff pal friends mates buddies",
        "colleague_of": "colleague coworker co-worker teammate colleagues coworkers workmate",
        "has_boss": "boss manager supervisor",
        "has_roommate": "roommate flatmate housemate roommates flatmates housemates roomie",
        "has_neighbour": "neighbour neighbor neighbours neighbors",
        "has_landlord": "landlord landlady",
        "has_doctor": "doctor dr doc dentist therapist gp physio psychiatrist vet physiotherapist",
        "has_teacher": "teacher tutor professor mentor coach",
        "has_classmate": "classmate classmates",
        "has_ex": "ex ex-wife ex-husband ex-boyfriend ex-girlfriend ex-partner",
    }.items()
    for role in roles.split()
}
PLURAL_ROLES: Final = frozenset(
    role
    for role in ROLES
    if (role.endswith("s") and role not in ("boss", "missus", "sis"))
    or role in ("children", "folks", "grandchildren", "family")
)
FAMILY: Final = table("sibling_of parent_of child_of relative_of has_partner")
BARE_ROLES: Final = table(
    """
    sister brother mum mom dad wife husband hubby boyfriend girlfriend bf gf gran nan grandma grandpa grandad
    boss roommate flatmate landlord cousin uncle aunt son daughter parents kids mother father fiancé fiance
    fiancee fiancée bestie missus kiddo toddler gp doc dentist therapist physio landlady stepdad stepmum nephew niece
    grandson granddaughter
    """
)
FEMALE: Final = table(
    """
    sister sis mother mom mum mama mam wife girlfriend gf fiancée fiancee aunt auntie grandmother grandma granny
    gran nan nana niece daughter stepmother stepmum stepmom stepdaughter half-sister stepsister granddaughter
    mother-in-law sister-in-law mil missus wifey landlady goddaughter godmother abuela oma ex-wife
    ex-girlfriend mummy mommy
    """
)
MALE: Final = table(
    """
    brother bro father dad papa husband hubby boyfriend bf fiancé fiance uncle grandfather grandpa grandad
    granddad nephew son stepfather stepdad stepson half-brother stepbrother grandson father-in-law
    brother-in-law fil landlord godson godfather abuelo opa ex-husband ex-boyfriend daddy pops
    """
)
PETS: Final = table(
    """
    dog dogs puppy puppies pup cat cats kitten kittens kitty rabbit rabbits bunny bunnies hamster hamsters parrot
    parrots bird birds goldfish fish turtle turtles tortoise snake snakes lizard gecko horse horses pony ponies
    chickens hens gerbil ferret ferrets canary budgie cockatiel retriever poodle labrador lab corgi terrier beagle
    pug dachshund spaniel collie husky shepherd greyhound bulldog chihuahua pomeranian doodle labradoodle
    cockapoo goldendoodle guinea-pig guinea-pigs rescue tabby pooch doggo iguana chinchilla hedgehog axolotl
    tarantula goat goats sheep alpacas ducks
    """
)
LANGUAGES: Final = table(
    """
    english french german spanish italian portuguese dutch swedish norwegian danish finnish polish czech russian
    ukrainian greek turkish arabic hebrew persian farsi hindi urdu bengali tamil telugu punjabi gujarati marathi
    chinese mandarin cantonese japanese korean vietnamese thai malay indonesian tagalog swahili hungarian romanian
    bulgarian serbian croatian slovak slovenian albanian lithuanian latvian estonian welsh irish gaelic catalan
    basque icelandic latin esperanto zulu afrikaans yoruba igbo hausa amharic somali nepali sinhala khmer lao
    burmese mongolian georgian armenian yiddish maltese asl bsl sign-language hokkien shanghainese
    """
)
CONDITIONS: Final = table(
    """
    asthma diabetes migraine migraines arthritis epilepsy adhd add autism anxiety depression insomnia eczema
    hypertension cancer anemia anaemia tinnitus vertigo gout scoliosis dyslexia psoriasis endometriosis pcos ibs
    crohn's crohns colitis lupus parkinson's parkinsons alzheimer's alzheimers dementia ptsd ocd bipolar
    schizophrenia fibromyalgia sciatica bronchitis pneumonia covid flu hayfever hay-fever celiac coeliac
    hypothyroidism hyperthyroidism thyroid cholesterol ms osteoporosis reflux gerd glaucoma cataracts
    astigmatism rosacea acne narcolepsy apnea apnoea dyspraxia ulcer ulcers sinusitis tonsillitis shingles lyme
    leukemia leukaemia lymphoma melanoma hernia allergies pots ehlers-danlos hemophilia haemophilia
    diverticulitis gastritis appendicitis stroke concussion tendonitis carpal-tunnel vitiligo alopecia
    """
)
ILL: Final = table(
    """
    diabetic asthmatic epileptic anemic anaemic autistic dyslexic pregnant overweight obese deaf blind colourblind
    colorblind depressed disabled bipolar celiac coeliac bedridden hypertensive colour-blind color-blind
    short-sighted near-sighted nearsighted shortsighted immunocompromised paralysed paralyzed neurodivergent
    dyspraxic insomniac arthritic prediabetic type-1 type-2 hard-of-hearing
    """
)
DIETS: Final = table(
    """
    vegan vegetarian veggie pescatarian pescetarian flexitarian keto paleo halal kosher gluten-free dairy-free
    teetotal sober lactose-intolerant gluten-intolerant fruitarian teetotaler plant-based low-carb carnivore
    """
)
MEDICINES: Final = table(
    """
    metformin insulin ibuprofen paracetamol aspirin warfarin sertraline zoloft prozac fluoxetine lexapro
    escitalopram citalopram venlafaxine effexor cymbalta duloxetine bupropion wellbutrin mirtazapine trazodone
    lithium lamotrigine lamictal quetiapine seroquel abilify aripiprazole risperidone olanzapine adderall ritalin
    concerta vyvanse methylphenidate atomoxetine strattera xanax valium diazepam lorazepam ativan ambien melatonin
    levothyroxine synthroid lisinopril ramipril amlodipine losartan atenolol metoprolol bisoprolol propranolol
    atorvastatin simvastatin rosuvastatin lipitor crestor statins omeprazole pantoprazole lansoprazole nexium
    gabapentin pregabalin lyrica naproxen tramadol codeine oxycodone morphine methotrexate humira prednisone
    prednisolone cortisone antibiotics amoxicillin penicillin doxycycline accutane isotretinoin spironolactone
    estradiol testosterone hrt ozempic wegovy mounjaro semaglutide albuterol salbutamol ventolin inhaler
    antihistamines cetirizine loratadine zyrtec claritin benadryl antidepressants ssri ssris painkillers
    blood-thinners beta-blockers medication meds medicine vitamins iron supplements magnesium creatine
    birth-control the-pill eliquis xarelto clopidogrel hydroxychloroquine sumatriptan topiramate keppra
    levetiracetam montelukast fluticasone steroids chemo clonazepam buspirone finasteride minoxidil tamsulosin
    """
)
BODY: Final = table(
    """
    leg arm ankle wrist foot toe finger thumb knee hip shoulder elbow collarbone rib ribs back neck nose jaw hand
    acl mcl meniscus hamstring achilles tendon skull tooth spine pelvis kneecap tibia femur calf
    """
)
# Words that describe a person for longer than a day.
TRAITS: Final = table(
    """
    introverted extroverted introvert extrovert shy left-handed right-handed ambidextrous tall short bald religious
    christian catholic muslim jewish buddhist hindu sikh atheist agnostic protestant mormon orthodox conservative
    liberal gay straight bisexual bi lesbian queer trans transgender nonbinary non-binary asexual stubborn
    perfectionist workaholic optimist pessimist clumsy forgetful impatient competitive ambitious sensitive
    disorganized disorganised lefty redhead blonde brunette ginger homebody bookworm feminist minimalist hoarder
    insecure optimistic pessimistic outgoing quiet punctual frugal vain superstitious spiritual polyamorous
    aquarius aries taurus gemini cancer leo virgo libra scorpio sagittarius capricorn pisces republican democrat
    socialist libertarian pacifist
    """
)
ORIGINS: Final = table(
    """
    afghan african albanian algerian american argentine argentinian armenian asian australian aussie austrian
    bangladeshi belgian bolivian bosnian brazilian british bulgarian burmese cambodian canadian chilean chinese
    colombian croatian cuban cypriot czech danish dutch egyptian english estonian ethiopian european filipino
    filipina finnish french georgian german ghanaian greek guatemalan haitian hungarian icelandic indian indonesian
    iranian iraqi irish israeli italian jamaican japanese jordanian kazakh kenyan korean kurdish kuwaiti latvian
    lebanese libyan lithuanian malaysian maltese mexican moldovan mongolian moroccan nepalese nepali nigerian
    norwegian pakistani palestinian panamanian persian peruvian polish portuguese romanian russian rwandan saudi
    scottish senegalese serbian singaporean slovak slovenian somali spanish sudanese swedish swiss syrian taiwanese
    tanzanian thai tunisian turkish ugandan ukrainian uruguayan venezuelan vietnamese welsh zambian zimbabwean
    kiwi scouse geordie cornish basque catalan sicilian bavarian texan californian hawaiian
    """
)
# Things that are bought, had, sold, lost: what makes "I have a X" worth keeping.
OWNABLE: Final = table(
    """
    car cars bike bikes bicycle motorbike motorcycle scooter house flat apartment condo cottage cabin boat van
    truck suv pickup jeep minivan laptop computer pc macbook desktop ipad tablet phone iphone android pixel
    smartphone camera piano keyboard guitar violin cello drums ukulele telescope garden allotment greenhouse
    farm bakery restaurant shop cafe café store studio sailboat yacht caravan campervan rv tractor drone kayak
    surfboard snowboard watch ring necklace tattoo tattoos console xbox playstation ps5 switch thinkpad kindle
    headphones earbuds airpods tv television printer vacuum oven fridge washer dryer air-fryer sewing-machine
    treadmill peloton tesla toyota honda ford bmw audi mercedes volvo mazda nissan kia hyundai subaru volkswagen
    vw fiat peugeot renault corolla civic prius camry jetta golf mustang wrangler outback vespa wheelchair
    glasses braces pacemaker hearing-aid hearing-aids epipen passport visa pool hot-tub business company startup
    blog podcast channel website mortgage loan property land e-bike ebike record-player turntable mustache beard
    """
)
EVENTS: Final = table(
    """
    concert wedding conference festival party show match game exhibition workshop meeting parade ceremony funeral
    reunion marathon rally meetup seminar lecture fair retreat graduation summit webinar gala recital gig play
    convention tournament hackathon expo premiere course appointment interview exam exams surgery operation
    checkup check-up scan mri test presentation deadline flight recital baby-shower christening baptism
    vacation holiday trip honeymoon beach camp cruise safari hike zoo museum aquarium
    """
)
PLANNED: Final = table(
    """
    appointment interview exam surgery operation checkup check-up scan mri presentation flight wedding
    deadline recital meeting race marathon graduation due-date procedure test finals driving-test colonoscopy
    root-canal reservation viewing
    """
)
# Brand names that are products or organisations and no places.
PRODUCTS: Final = table(
    """
    code vs node rstudio matlab slack teams zoom discord notion jira asana trello linear github gitlab bitbucket figma canva dropbox gmail
    outlook windows linux ubuntu debian fedora arch macos ios android chrome firefox safari brave edge opera
    spotify netflix hulu disney+ youtube tidal deezer whatsapp telegram signal instagram facebook twitter x tiktok
    snapchat reddit pinterest mastodon bluesky linkedin python rust go java javascript typescript kotlin swift
    react vue angular svelte django flask rails postgres postgresql mysql mongodb redis sqlite kubernetes docker
    aws azure gcp terraform vim neovim emacs vscode intellij pycharm obsidian evernote todoist chatgpt claude
    gemini copilot excel word powerpoint sheets wordpress shopify squarespace wix stripe paypal venmo revolut
    monzo bing google duckduckgo kindle kobo playstation xbox nintendo steam photoshop lightroom blender unity
    salesforce hubspot zendesk bazel cmake webpack vite npm pnpm yarn pip poetry uv conda jupyter apple-music
    next.js graphql grpc kafka rabbitmq elasticsearch plan phase stage step version
    """
)
OCCUPATION_WORDS: Final = table(
    """
    accountant actor actress administrator admin advisor analyst architect artist assistant attorney auditor author
    baker banker barber barista bartender bookkeeper builder butcher caregiver carer carpenter cashier chef chemist
    cleaner clerk coach consultant contractor cook coordinator copywriter counselor counsellor courier dancer
    decorator dentist designer dev developer dietitian dietician director dj doctor driver economist editor
    electrician engineer estate-agent executive farmer filmmaker firefighter fisherman florist freelancer gardener
    geologist guard guide hairdresser handyman homemaker housewife househusband hygienist illustrator inspector
    instructor intern interpreter investor janitor jeweller jeweler journalist judge laborer labourer landscaper
    lawyer lecturer librarian lifeguard machinist maid manager marine marketer mason masseuse mechanic merchant
    midwife miner minister model musician nanny nurse nutritionist officer operator optician optometrist painter
    paralegal paramedic pastor pediatrician paediatrician pharmacist photographer physician physicist
    physiotherapist pianist pilot plumber poet policeman policewoman politician porter postman preacher priest
    producer professor programmer psychiatrist psychologist publisher rabbi realtor receptionist recruiter referee
    reporter researcher retiree roofer sailor salesman salesperson saleswoman scientist sculptor secretary
    security server sheriff singer social-worker soldier solicitor specialist statistician steward stewardess
    student supervisor surgeon surveyor tailor teacher technician therapist trader trainer translator trucker
    tutor undertaker veteran veterinarian vet videographer volunteer waiter waitress warden welder woodworker
    writer youtuber zookeeper lead founder cofounder co-founder ceo cto cfo owner partner apprentice trainee
    entrepreneur streamer blogger hostess host bouncer bellhop sommelier butler detective cop paramedic sergeant
    lieutenant captain principal headteacher nun monk astronaut athlete boxer wrestler footballer cyclist
    freshman sophomore undergrad undergraduate postgrad pupil dog-walker babysitter dogwalker sysadmin pm
    """
)
TRADE_ENDINGS: Final = (
    "ologist",
    "ician",
    "grapher",
    "iatrist",
    "onomist",
    "maker",
    "keeper",
    "smith",
)
