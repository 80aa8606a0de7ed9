"""Statements of verbs: rows of the table of frames, read by `frames`, which documents them."""

from typing import Final

# fmt: off
VERBS: Final = """
live reside dwell ; in|at|near|on|by|outside|over in|out in|up in|down in|just outside|here in|back in|right in|outside of|close to|somewhere in|around|across from|next to|above|two blocks from ; lives_in ; place ; act state person
live ; there ; lives_in ; there ; act person state
move ; there|out there|back there|over there ; lives_in ; there ; act person past begin
live ; ; lives_in ; =next door ; act person follows:next+door
live ; ; lives_in ; =downstairs ; act person follows:downstairs
live ; ; lives_in ; =upstairs ; act person follows:upstairs
share ; a flat with|an apartment with|a house with|a place with|a room with|an apartment with my|a flat with my|a house with my ; lives_with ; np ; act state person
crash ; at|with ; lives_with ; np ; prog person
live ; alone|on my own|by myself|on his own|on her own ; household ; =alone ; act state person
live stay ; with my|with our|with ; lives_with ; np ; act state person
stay ; in|at ; lives_in ; known ; act present person simple
move relocate ; in with my|in with ; lives_with ; np ; begin act person past
move ; back in with my|back in with ; lives_with ; np ; begin act person past
move relocate emigrate immigrate ; from|here from|over from|away from ; moved_from ; known ; act person past pair:to:lives_in:place
shift ; to ; lives_in ; known ; begin act person past
get ; transferred to|transfered to|relocated to|posted to|moved to ; lives_in ; known ; person past begin
transfer ; to ; lives_in ; known ; begin person past
move relocate emigrate transfer ; to|out to|over to|back to|up to|down to|away to|here to|into|across to|to a place in|to a flat in|to an apartment in|to a house in|into a new flat in|into a flat in|into an apartment in|into a new place in|into a house in|into a new house in|into a new apartment in|to a new place in|out to the|back home to ; lives_in ; place ; begin act person past sure
move ; out of|away from ; moved_from ; place ; act person past sure
base locate situate ; in|out of|at|near|outside of ; lives_in ; place ; be person
settle ; in|down in ; lives_in ; place ; begin person past sure
leave quit ; ; member_of ; club ; act person past end
leave ; ; moved_from ; known ; act person past
leave ; ; works_for ; org ; act person past end job
grow raise ; up in|up on|up near|up outside ; comes_from ; named ; person
raise bear ; in and raised in|and raised in|and bred in ; born_in ; place ; be person also
bear ; in|at ; born_in ; place ; be person
bear ; on|in ; born_on ; date ; be person
come hail ; from|originally from ; comes_from ; named ; act present person
buy ; a house in|a flat in|an apartment in|a place in|a home in ; owns_home_in ; place ; act person past
rent ; a room in|a flat in|an apartment in|a house in|a place in|in|a studio in|a condo in ; lives_in ; place ; act state person

work ; with ; works_for ; orgwith ; act state person also weak
work ; for|over at|at|out of|part-time at|part time at|full-time at|full time at|nights at|weekends at|remotely for|down at|in the ; works_for ; org ; act state person also
work ; in ; works_in ; known ; act state person also
work ; in|in the ; works_in ; rest ; act state person also
work ; as|full-time as|part-time as|full time as|part time as|currently as ; works_as ; role ; act state person also
work ; from home|remotely|remote ; works_from ; =home ; act present person
work ; nights as a|nights as an|nights as|the night shift as a ; works_as ; job ; act present person
work do ; nights|the night shift|night shifts|night shift|overnights|graveyard shift|graveyards ; works_shift ; =nights ; act present person also
work ; nights as|nights as an|the night shift as ; works_as ; job ; act present person
drive deliver write fly ; for ; works_for ; org ; act person state
freelance consult ; as|for ; works_for ; org ; act person state
teach ; ; teaches ; np ; act person state also
teach ; at ; works_for ; org ; act person state
run own manage operate ; a|an|my own|our own|the|a small|my ; runs ; business ; act person state also
start open found launch ; my own|a|an|our own|a small ; runs ; business ; act person past begin
lead manage supervise head ; the|a|our|my ; leads ; np ; act person state
start begin ; at|working at|working for|a job at|a new job at|my new job at|work at|a new role at|a position at|with ; works_for ; org ; begin act person past
start begin ; as|working as|a job as|a new job as|my new job as ; works_as ; job ; begin act person past
start begin ; a new job in|a job in|a new job|my new job|a job ; started_job ; =new job ; begin act person past
join ; ; member_of ; club ; begin act person past
join ; ; works_for ; bigorg ; begin act person past sure
belong ; to ; member_of ; club ; act person present
get land accept take ; a job at|the job at|a new job at|a position at|a role at|hired at|hired by|an offer from|a job with|a new job with|the offer from|a job offer from ; works_for ; org ; begin person past
get land accept take ; a job as|the job as|a new job as|hired as|a position as|work as ; works_as ; job ; begin person past
get ; fired from|laid off from|sacked from|let go from|laid off by|made redundant from|fired by ; works_for ; org ; person past end
get ; fired|laid off|sacked|let go|made redundant|the sack|canned ; lost_job ; =job ; person past lost
get land ; a new job|a job|the job|hired ; work_status ; =got a new job ; person past own
hire ; by|at ; works_for ; org ; be begin person
hire ; as ; works_as ; job ; be begin person
fire sack ; me ; works_for ; =ended ; act past end
lay sack fire ; off from|off by|from|by ; works_for ; org ; be end person
lay ; off ; lost_job ; =job (laid off) ; be person lost
fire ; ; lost_job ; =job (fired) ; be person lost lone
let ; go from ; works_for ; org ; be end person
let ; go ; lost_job ; =job (let go) ; be person lost
make ; redundant ; lost_job ; =job (made redundant) ; be person lost
furlough ; ; work_status ; =furloughed ; be person
quit leave resign ; my job at|from my job at|from|my position at|my role at|the job at|working at|working for|my post at ; works_for ; org ; end act person past
hand put give ; in my notice at|my notice at|notice at|in my notice to ; works_for ; org ; end act person past
hand put give ; in my notice|my notice|my two weeks|my two weeks notice|in my two weeks ; left_job ; =job ; act person past lost
quit leave ; my job|my old job|the job|work|my position ; left_job ; =job ; act person past lost
resign ; ; left_job ; =job ; act person past lost lone
lose ; my job at|my position at ; works_for ; org ; end act person past
lose ; my job|his job|her job|my position ; lost_job ; =job ; act person past lost
quit ; ; works_for ; bigorg ; end act person past
retire ; from|from my job at|from the ; works_for ; org ; end person past also
retire ; ; work_status ; =retired ; person past lost
promote ; to|up to ; works_as ; role ; be person begin supersedes
promote ; ; work_status ; =promoted ; be person lone
get ; promoted to|a promotion to ; works_as ; role ; person past begin supersedes
make ; me ; works_as ; job ; act past toward begin supersedes
get receive earn ; promoted|a promotion|the promotion|that promotion|my promotion ; work_status ; =promotion ; act person past
earn make ; ; salary ; amount ; act person present
volunteer ; at|for|with|in|as ; volunteers_at ; org ; act person state
volunteer ; as ; volunteers_as ; job ; act person state
intern ; at|for|with ; works_for ; org ; act person state
serve ; in ; served_in ; np ; act person
report ; to ; reports_to ; person ; act person present
commute ; to|from ; commutes_to ; place ; act person present
do ; admin at|admin for|admin in|it at|it for|marketing for|marketing at|sales at|sales for|hr for|hr at|accounting for|accounts for|accounts at|reception at|research at|security at|security for ; works_for ; org ; act person state also

study ; at ; studies_at ; org ; act state person also learnt
study ; abroad in ; studied_in ; place ; act person
study ; for my|for the|for an|for ; studies ; np ; act person present
study ; ; studies ; subject ; act state person also learnt
major ; in ; studies ; subject ; act state person also
attend ; ; studies_at ; school ; act state person also
go ; to school to be a|to school to be an|to college to be a|to school to become a ; studied_for ; job ; act person past
go ; to school at|to college at|to university at|to uni at|to ; studies_at ; school ; act person also
go ; to school for|to college for|to university for|to school to be ; studies ; np ; act person
go ; back to school|back to college|back to uni ; studies_at ; =school ; act person
graduate ; from ; educated_at ; org ; person also
graduate ; with a degree in|in|with a ; studied ; np ; person past also
graduate ; ; education_status ; =graduated ; person past lone
finish complete get earn receive do have hold pursue ; my degree in|a degree in|my bachelors in|a bachelor's in|a masters in|a master's in|my masters in|my master's in|a phd in|my phd in|a bachelors in|my mba at|a diploma in|a certificate in|my ma in|my msc in|an msc in|my doctorate in|my bachelor's in ; studies ; subject ; act person also
do pursue ; my phd at|a phd at|my masters at|a masters at|my mba at|my degree at|my postdoc at|a postdoc at|my undergrad at|my residency at ; studies_at ; org ; act person
drop ; out of|out from ; studies_at ; schoolish ; end person past
drop ; out ; education_status ; =dropped out ; person past
get ; into|accepted to|accepted into|admitted to|in to|a place at|a scholarship to ; studies_at ; school ; begin person past
enrol enroll ; in|at ; studies_at ; np ; begin person past
transfer ; to ; studies_at ; school ; begin person past
start ; school|kindergarten|college|university|uni|nursery|preschool|high school|grad school|medical school|law school ; studies_at ; matched ; person
learn ; ; learns ; language ; act person present
learn ; to|how to ; learns ; vp ; act person prog
learn ; ; learns ; np ; act person prog
take walk feed ; the|my|our ; has_pet ; pets ; act person
take ; lessons|classes ; learns ; vp ; act person prog

marry ; to ; married_to ; person ; be person
marry ; to my|to ; has_partner ; partner ; be person
marry ; ; relationship_status ; =married ; be person
marry ; my|a ; has_partner ; partner ; act person past
marry ; ; married_to ; person ; act person past begin
get ; married to ; married_to ; person ; person begin past
get ; married ; relationship_status ; =married ; person past
get ; married|hitched ; plans_to ; =get married ; prog person
engage ; to my|to his|to her ; has_partner ; partner ; be person also
engage ; to ; engaged_to ; person ; be person
engage ; ; relationship_status ; =engaged ; be person lone
get ; engaged to my|engaged to his|engaged to her ; has_partner ; partner ; person past also
get ; engaged to|engaged to her girlfriend|engaged to his girlfriend|engaged to her boyfriend|engaged to my girlfriend|engaged to my boyfriend ; engaged_to ; person ; person begin past
get ; engaged ; relationship_status ; =engaged ; person past
get ; divorced from|a divorce from ; married_to ; person ; person end past
get ; divorced|a divorce ; relationship_status ; =divorced ; person past
divorce ; me ; married_to ; =ended ; act past end
divorce ; ; married_to ; person ; person end past act
divorce ; from ; married_to ; person ; person end be
divorce ; ; relationship_status ; =divorced ; person be
hire ; me ; works_for ; =ended ; act past begin
give ; my|our ; has_pet ; pets ; act past end
separate ; from my|from ; has_partner ; partner ; person end
separate split ; up with|with ; dating ; person ; person end past
break split ; up with me|it off with me ; has_partner ; =ended ; act past swap end
celebrate ; our|my ; celebrated ; celebration ; act past person
break split ; up with my|with my ; has_partner ; partner ; person end past act
break split ; up with|it off with ; dating ; person ; person end past act
break split ; up ; relationship_status ; =broke up ; person past act couple
date see ; a guy named|a girl named|a guy called|a girl called|a man named|a woman named|; dating ; person ; act person prog
date ; my|a ; dating ; np ; prog person
see date ; someone|somebody|a guy|a girl|this guy|this girl|a new guy|someone new ; relationship_status ; =seeing someone ; prog person
propose ; to me|to my ; relationship_status ; =engaged ; act past
propose ; to ; engaged_to ; person ; act past begin
die ; of|from ; died_of ; np ; act past also
die ; ; life_status ; =passed away ; act past
pass ; away in|away on|on in ; died_on ; date ; act past also
die ; in|on ; died_on ; date ; act past also
pass ; away|on|away in|away on ; life_status ; =passed away ; act past
lose ; my|our ; life_status ; relative ; act past swap
expect ; a baby|our first baby|our first|our second|a child|twins|a boy|a girl|another baby|our first child|our second child|baby number two ; expecting ; =baby ; prog person
have give ; birth to ; parent_of ; np ; act past person

adopt foster rescue ; ; has_pet ; pets ; act person past begin also
adopt foster ; a|an|two|our ; parent_of ; child ; act person past
get have own keep buy ; ; has_pet ; pets ; act person state also
name ; my ; has_pet ; petnamed ; act past person
raise breed keep ; ; keeps ; animals ; act person present
turn ; ; age ; years ; person

speak ; ; speaks ; language ; able act person state
speak know ; a little|a bit of|some|fluent|basic|decent|conversational|broken ; speaks ; language ; able act person state
talk ; ; speaks ; language ; act person present

like love enjoy adore prefer appreciate fancy dig ; to ; likes ; vp ; act person likes
like love enjoy adore prefer appreciate dig ; ; likes ; do ; act person likes
hate dislike detest despise loathe ; to ; dislikes ; vp ; act person
hate dislike detest despise loathe ; ; dislikes ; do ; act person
stand bear tolerate ; ; dislikes ; do ; cannot act person
miss ; my|living in|home ; misses ; np ; act person present
support follow ; the|; supports ; team ; act person present
root ; for ; supports ; team ; act person present
collect ; ; collects ; nps ; act person present
fear dread ; ; afraid_of ; do ; act person present
avoid ; ; avoids ; do ; act person
gag ; on ; dislikes ; np ; act person
worship admire ; ; likes ; np ; act person present
obsess ; with|over|about ; likes ; do ; be person

eat ; ; eats ; nps ; act person simple no:avoids
eat touch consume digest ; ; avoids ; nps ; act person cannot
have ; ; avoids ; eaten ; act person cannot
drink ; ; drinks ; nps ; act person simple no:avoids
drink smoke vape gamble ; anymore|any more|alcohol anymore ; quit ; ginner ; act person onlyneg
drink smoke vape gamble ; ; habit ; ginner ; act person simple lone no:avoids state
smoke vape ; ; habit ; vpinner ; act person simple state no:avoids
go ; vegan|vegetarian|keto|veggie|gluten-free|gluten free|dairy free|dairy-free|plant-based|sober|pescatarian|teetotal ; diet ; matched ; person past begin
turn become ; vegan|vegetarian|veggie|pescatarian ; diet ; matched ; person past begin
go ; off ; likes ; np ; act person end
go ; by ; named ; name ; act person present
cut give ; out ; avoids ; nps ; act person past
give ; up my job at ; works_for ; org ; end act person past
give ; up ; quit ; do ; act person past notplan
quit ; ; quit ; do ; act person past notjob
stop ; ; quit ; ing ; act person past
kick ; the|my ; quit ; np ; act person past
ditch dump scrap uninstall delete wipe bin ; my|the|our| ; quit ; np ; act person past
close ; my|the|our|; quit ; account ; act person past
miss ; working at|working for ; works_for ; org ; act person present end
bank ; with|at ; uses ; np ; act person state
swear ; off ; quit ; do ; act person past
fast ; for|during ; habit ; vpinner ; act person present

take ; ; takes_medicine ; medicine ; act person present no:- state
use need ; ; takes_medicine ; medicine ; act person simple
put have start ; me on|him on|her on ; takes_medicine ; medicines ; act toward
prescribe give ; me|him|her ; takes_medicine ; medicine ; act past toward
give assign ; ; has_doctor ; titled ; be person
prescribe put start ; on|; takes_medicine ; medicines ; be person
start ; on|taking ; takes_medicine ; medicine ; act past person begin
come stop ; off|taking ; takes_medicine ; medicine ; act past person end
diagnose ; with|as ; has_condition ; nps ; be person
have ; an allergy to|allergies to|a severe allergy to|a bad allergy to|an intolerance to ; allergic_to ; nps ; person
have ; ; allergic_to ; allergyof ; person
have get suffer catch develop battle fight ; from|with|; has_condition ; condition ; person state no:-
have get suffer ; from|; has_condition ; ailment ; person state no:-
have get need undergo ; ; surgery ; surgical ; act person no:-
suffer struggle ; from|with ; has_condition ; np ; person act simple
have get ; ; has_condition ; bodily ; person act
break fracture tear sprain twist dislocate injure hurt strain pull bust rupture ; my|his|her ; injured ; body ; act person past
have need get ; surgery on|an operation on|surgery for ; surgery ; np ; act person
have get ; my ; surgery ; removed ; act person past
recover ; from ; recovers_from ; np ; act person prog
wear use need ; ; wears ; ownable ; act person simple
weigh ; ; weight ; amount ; act person present
lose gain ; ; weight_change ; amount ; act person past
stand ; ; height ; amount ; act person present

help ; out at|out in|at ; helps_at ; org ; act person present
play ; ; plays ; game ; act person able state also
play sing drum ; in a|in an|for a|for my|for the|in my|in the|for ; plays_in ; np ; act person present
practice practise do ; ; plays ; sport ; act person present
knit crochet sew paint draw garden sculpt bake hike climb surf ski snowboard skateboard fish hunt camp kayak sail cycle swim juggle meditate journal blog write sketch quilt embroider brew forage birdwatch dance sing row box wrestle fence lift ; ; hobby ; ginner ; act person simple able said no:-
run ; ; habit ; race ; act person simple
train ; for ; trains_for ; np ; act person prog
coach ; ; coaches ; np ; act person present
get ; into ; likes ; pursuit ; act person past
take pick ; up ; hobby ; do ; act person past begin
sing dance ; in a|in the|in ; member_of ; np ; act person present

own ; ; owns ; nps ; act person state also
have ; ; owns ; ownable ; act person state
have ; ; has ; having ; act person present simple no:-
get ; ; owns ; ownable ; act person past begin
drive ride ; a|an|my|our|a used|an old ; drives ; vehicle ; act person simple state
buy purchase order ; ; owns ; bought ; act person past begin
get ; a new|my new|our new|my first|a brand new|a used|a second hand ; owns ; thing ; act person past begin things
sell ; my|our|the|his|her ; owns ; np ; act person past end
lose misplace ; my|our ; lost ; thing ; act person past
trade swap switch change move convert ; my|our|the|in my|in the|from my|from an|from a|from|over from ; uses ; swapped ; act person past pair
switch change convert move ; to|over to ; uses ; product ; act person past begin
use run ; ; uses ; brand ; act person present state
use ; ; uses ; brand ; prog person
get have ; ; uses ; newbrand ; act person present
do ; ; diet ; diets ; prog person
subscribe ; to ; subscribes_to ; np ; person no:-
cancel ; my|our|the ; cancelled ; np ; act person past cancel
sign ; up for ; signed_up_for ; np ; act person past
save ; up for|for ; saves_for ; np ; act person prog
lease rent ; a|an|my|the ; rents ; np ; act person present

visit ; ; has_visited ; knowns ; act person past
go fly travel drive ; to|over to|up to|down to|back to|out to|on a trip to|on holiday to|on vacation to|on a cruise to ; has_visited ; known ; act person past
take ; a trip to|a holiday to|a vacation to ; has_visited ; knowns ; act person past
go ; on a|on ; took_trip ; trip ; act person past
take ; a|our|my ; took_trip ; trip ; act person past
go ; to|to a|to the|to my|to our ; attended ; event ; act person past
attend ; ; attended ; event ; act person past
go ; camping|hiking|skiing|snowboarding|fishing|surfing|diving|snorkeling|sailing|trekking ; did ; matched ; act person past
spend ; a week in|two weeks in|three weeks in|a month in|a few days in|a weekend in|the weekend in|the summer in|a year in|last summer in|a few weeks in|the week in|time in|my holiday in|ten days in ; has_visited ; knowns ; act person past
get return come ; back from|home from ; has_visited ; known ; act person past
win ; the|a|an|my|first|; won ; np ; act person past
pass ; my|the|an ; passed ; exam ; act person past
fail ; my|the ; failed ; exam ; act person past
finish complete ; my first|a|the|my ; completed ; race ; act person past
finish complete get earn receive defend ; my|a|the ; completed_degree ; degree ; act person past
meet ; my ; has_partner ; partner ; act person past

fly travel go head move drive ; from ; plans_to ; goplace ; prog person
fly travel go head move drive ; to|over to|back to|out to|off to|down to|up to ; plans_to ; goplace ; prog person
visit ; ; plans_to ; vpinner ; prog person
get ; ; plans_to ; planget ; prog person
start ; ; plans_to ; vpinner ; prog person
throw host ; a|an|my|our|the ; plans_to ; partygiven ; prog person
work ; on ; works_on ; making ; act person present also
build write renovate restore record design translate ; a|an|my|our|the ; works_on ; np ; prog person
try ; to ; tries_to ; vp ; prog person
try ; to ; tries_to ; vp ; act person perfect
carry keep ; an|a|my ; carries ; carried ; act person present
wear ; ; wears ; np ; act person present simple no:-
snore stutter stammer sleepwalk ; ; trait ; ginner ; act person simple
speak ; at home|with my ; speaks ; language ; act person present
owe ; ; owes ; rest ; act person present
go ; camping|hiking|skiing|snowboarding|fishing|surfing|diving|sailing|trekking|biking|mountain biking|bungee jumping|kayaking|climbing ; plans_to ; goalong ; prog person
get ; ready to|set to ; plans_to ; vp ; prog person
go ; to ; plans_to ; vp ; prog person notempty
plan intend aim hope ; on|to|a|an|for ; plans_to ; vp ; act person
plan ; ; plans_to ; vp ; prog person
want need ; to ; wants_to ; vp ; act person present wanted
want ; a|an|the|some|my own|to buy a|to get a ; wants ; np ; act person present wanted
dream ; of|about ; wants_to ; vp ; act person present
decide ; to ; plans_to ; vp ; act person past
look ; forward to|for a|to ; plans_to ; vp ; prog person
think consider ; of|about|; plans_to ; ing ; prog person
book ; a|an|my|our|the ; booked ; np ; act person past
have get ; a|an|my|the|another ; has_appointment ; planned ; act person present
"""
# fmt: on
