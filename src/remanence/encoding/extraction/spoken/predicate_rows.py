"""Statements of the words after "be": rows of the table of frames, read by `frames`."""

from typing import Final

# fmt: off
PREDICATES: Final = """
from ; ; comes_from ; named ; be person present
originally ; from ; comes_from ; named ; be person
native ; of|to ; comes_from ; place ; be person
in out over down up ; in|; lives_in ; known ; be person present weak
back ; from ; has_visited ; named ; be person
at ; ; lives_in ; address ; be person present
near outside ; ; lives_in ; known ; be person present weak
allergic ; to ; allergic_to ; nps ; be person
intolerant sensitive ; to ; allergic_to ; nps ; be person
afraid scared terrified petrified frightened ; of ; afraid_of ; do ; be person
fond ; of ; likes ; do ; be person likes
keen mad ; on|about ; likes ; do ; be person likes
crazy passionate nuts enthusiastic ; about ; likes ; do ; be person likes
obsessed ; with|by ; likes ; do ; be person likes
addicted hooked ; to|on ; likes ; do ; be person
interested ; in ; likes ; do ; be person likes
into ; ; likes ; do ; be person likes taste
fan lover ; of ; likes ; do ; be person likes
sick tired ; of ; dislikes ; np ; be person lasting
fluent proficient conversational ; in ; speaks ; language ; be person
good great decent ; at ; skilled_at ; do ; be person no:-
bad terrible awful ; at ; bad_at ; do ; be person no:-
married ; to ; married_to ; person ; be person
married ; to my|to ; has_partner ; partner ; be person
married ; ; relationship_status ; =married ; be person
engaged ; to ; engaged_to ; person ; be person
engaged ; ; relationship_status ; =engaged ; be person lone
divorced ; from ; married_to ; person ; be person end
divorced separated widowed ; ; relationship_status ; matchedhead ; be person ended
single ; ; relationship_status ; =single ; be person ended lone
on ; ; takes_medicine ; medicine ; be person present
on ; a|the ; diet ; dietary ; be person present
off ; ; takes_medicine ; medicine ; be person end
off ; ; quit ; quitted ; be person
done finished through ; with|; quit ; ing ; be person
done finished through ; with ; quit ; named ; be person
out ; of the|of ; served_in ; force ; be person end
retired ; from ; works_for ; org ; be person end also
retired ; ; work_status ; =retired ; be person lost
unemployed jobless self-employed ; ; work_status ; matchedhead ; be person present
between ; jobs ; work_status ; =between jobs ; be person present
out ; of work|of a job ; work_status ; =unemployed ; be person present
expecting ; ; expecting ; =baby ; be person lone
pregnant ; with ; expecting ; np ; be person
to ; ; has_visited ; knowns ; be perfect person
in ; ; works_in ; field ; be person present
in ; my|his|her|their ; education_stage ; schoolyear ; be person also
in ; ; education_stage ; grade ; be person present
student ; at ; studies_at ; org ; be person
at ; the|; works_for ; org ; be person onlyneg anymore no:-
member ; of ; member_of ; np ; be person state
at ; the|; works_for ; schoolorg ; be person weak anymore
part ; of a|of the|of an ; member_of ; np ; be person weak
customer ; since ; customer_since ; date ; be perfect
training ; for ; trains_for ; np ; be person
saving ; for|up for ; saves_for ; np ; be person
halfway ; through ; doing ; np ; be person
"""
# fmt: on
