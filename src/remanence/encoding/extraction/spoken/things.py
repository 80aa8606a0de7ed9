"""Word lists of the objects that frames take: schools, games, vehicles, ailments, what is eaten."""

from typing import Final

from remanence.encoding.extraction.spoken import lexicon
from remanence.text.words import table

SCHOOL: Final = table(
    """
    school elementary university college academy institute uni grad-school law-school med-school kindergarten mit
    eth ucla nyu harvard yale stanford oxford cambridge princeton berkeley cornell columbia duke durham polytechnic
    seminary community-college medical nursing highschool high-school preschool nursery bootcamp
    """
)


BUSINESS: Final = table(
    """
    bakery restaurant shop store café cafe company business startup farm salon studio agency firm gym bar pub
    clinic practice blog channel podcast bookshop bookstore gallery garage brewery hotel hostel b&b daycare
    nursery boutique food-truck truck charity nonprofit consultancy dealership laundromat barbershop franchise
    team department lab office newsletter nail kennel stall vineyard dojo yard
    """
)


GAMES: Final = table(
    """
    piano guitar violin viola cello flute clarinet drums bass trumpet sax saxophone trombone harp accordion ukulele
    banjo oboe harmonica keyboard organ mandolin bagpipes recorder tennis football soccer basketball volleyball
    badminton golf chess hockey rugby cricket squash baseball poker softball handball bridge go snooker darts
    lacrosse netball pool pickleball ping-pong table-tennis padel dnd d&d minecraft fortnite valorant zelda
    videogames games video-games board-games fifa overwatch warcraft scrabble sudoku tetris roblox mahjong futsal
    water-polo polo paintball frisbee bowls racquetball dominoes magic warhammer pokemon pokémon sims
    """
)


SPORTS: Final = table(
    """
    yoga pilates karate judo taekwondo jiu-jitsu bjj boxing kickboxing crossfit ballet gymnastics parkour archery
    fencing climbing bouldering calligraphy pottery photography woodworking gardening meditation origami magic
    martial aikido capoeira zumba triathlons triathlon weightlifting powerlifting athletics cheerleading improv
    standup stand-up salsa tango ballroom crosswords
    """
)


RACE: Final = table(
    "marathon marathons half-marathon half-marathons 5k 10k ultras ultra ultramarathon "
    "ultramarathons triathlon ironman relay"
)


VEHICLES: Final = table(
    """
    car truck van bus motorcycle motorbike scooter bike taxi suv pickup jeep tesla toyota honda ford bmw audi
    mercedes volvo mazda nissan kia hyundai subaru volkswagen vw fiat peugeot renault corolla civic prius camry
    jetta golf mustang wrangler outback vespa lorry minivan hatchback sedan chevy chevrolet dodge lexus skoda
    seat mini cooper porsche beetle passat tacoma f-150 silverado accord
    """
)


PARTNERS: Final = table(
    "boyfriend girlfriend husband wife fiancé fiancee fiance partner sweetheart soulmate"
)


RELATIVES: Final = table(
    """
    mum mom mother dad father wife husband brother sister son daughter grandma grandpa gran nan grandad grandmother
    grandfather uncle aunt cousin friend dog cat baby partner granddad nana
    """
)


HABITS: Final = table(
    """
    smoking drinking alcohol caffeine coffee sugar meat dairy gluten weed cigarettes vaping gambling soda carbs
    sweets chocolate nicotine cigs fags beer wine junk red social instagram facebook twitter tiktok bread
    piano guitar ballet football running booze snus
    """
)


BODILY: Final = table(
    "blood pressure cholesterol back knee knees hearing eyesight vision heart iron sugar"
)


EXAMS: Final = table(
    "exam exams test driving bar boards finals thesis viva gcse gcses a-levels sat lsat mcat board"
)


TRIPS: Final = table(
    "trip cruise holiday vacation honeymoon road safari retreat tour pilgrimage hike"
)


ANIMALS: Final = lexicon.PETS | table(
    "bees cows pigs sheep goats chickens ducks rabbits alpacas llamas horses pigeons cattle"
)


DIETARY: Final = table("diet keto low-carb low-fat fast paleo dash fodmap")


FORCE: Final = table("navy army air marines military police service forces corps")


NUMBERS: Final = table(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
)


NOT_YEARS: Final = table(
    "minutes hours days weeks months miles km kg pounds lbs cm feet percent times people pages "
    "dollars am pm of k into"
)


EATEN: Final = table(
    """
    coffee lunch dinner drink pizza sandwich burger beer tea snack meal book ticket tickets bottle bunch bag box
    pack gift present round cake card few lot week glass break shot cold flu headache call job girlfriend boyfriend
    letter message email text haircut refund chance
    """
)


INTANGIBLE: Final = table(
    """
    mind way temper patience job hope faith interest weight virginity voice appetite sleep touch track battle game
    match bet son daughter dad mum mom father mother wife husband brother sister friend friends grandma grandpa
    balance focus confidence motivation boss assignment idea perspective high low record start year manager teacher
    everything world time life
    """
)


BREEDS: Final = table(
    "golden german french border great guinea yorkshire maine siamese persian bengal corn "
    "leopard english cocker bull jack russell shih scottish bearded"
)


AFTER_PET: Final = table(
    "food walker person lover toy hair bed park sitter show people treats poop allergy trainer"
)


STREETS: Final = table(
    "street st road rd avenue ave lane ln drive dr close court way place square terrace "
    "boulevard blvd crescent"
)


HAVING: Final = table("a an two three four five six 2 3 4 5 6 my")


VAGUE: Final = table(
    "very really good great bad hard nice huge big lot couple few bunch long rough tough weird "
    "crazy better similar different"
)


HELD: Final = table(
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


CLUBS: Final = table(
    """
    club team band choir orchestra society association league committee gym squad union board group troupe
    ensemble crew church congregation guild
    """
)


AILMENTS: Final = table(
    """
    attack attacks headache headaches pain pains seizure seizures disorder disease syndrome tumor tumour injury
    failure condition infection palsy apnea back knee knees stroke murmur sclerosis fibrosis cyst fever
    """
)


FIELDS: Final = table(
    """
    marketing tech sales finance it hr retail healthcare education construction banking insurance law engineering
    consulting logistics advertising publishing hospitality nursing accounting security design software pr media
    recruiting recruitment pharma biotech agriculture academia journalism
    """
)


EATABLE: Final = table(
    """
    dairy gluten milk nuts eggs fish shellfish meat pork beef sugar alcohol caffeine coffee peanuts wheat bread soy
    cheese grapefruit salt spicy food wine seafood lactose
    """
)
