"""Irregular forms of English verbs and nouns, so that "won" and "win" are one index term.

The Snowball stemmer cuts regular endings alone. Forms that are common words of another meaning
("saw", "left", "found", "lay", "bore", "wound") stand here only where the verb is the usual
reading.
"""

from typing import Final

__all__ = ["BASE_FORMS"]

_FORMS: Final = """
arise arose arisen;awake awoke awoken;bear borne;beat beaten;become became;begin began begun;bend bent;bid bade
bind bound;bite bit bitten;bleed bled;blow blew blown;break broke broken;breed bred;bring brought;build built
burn burnt;buy bought;catch caught;choose chose chosen;cling clung;come came;creep crept;deal dealt;dig dug
draw drew drawn;dream dreamt;drink drank drunk;drive drove driven;eat ate eaten;fall fell fallen;feed fed
feel felt;fight fought;find found;flee fled;fly flew flown;forbid forbade forbidden;forget forgot forgotten
forgive forgave forgiven;freeze froze frozen;get got gotten;give gave given;go went gone goes;grind ground
grow grew grown;hang hung;hear heard;hide hid hidden;hold held;keep kept;kneel knelt;know knew known;lay laid
lead led;lean leant;learn learnt;leave left;lend lent;light lit;lose lost;make made;mean meant;meet met
mistake mistook mistaken;overcome overcame;pay paid;ride rode ridden;ring rang rung;rise rose risen;run ran
say said;see saw seen;seek sought;sell sold;send sent;sew sewn;shake shook shaken;shine shone;shoot shot
show shown;shrink shrank shrunk;sing sang sung;sink sank sunk;sit sat;sleep slept;slide slid;smell smelt
speak spoke spoken;spell spelt;spend spent;spill spilt;spin spun;spit spat;stand stood;steal stole stolen
stick stuck;sting stung;strike struck;swear swore sworn;sweep swept;swim swam swum;swing swung;take took taken
teach taught;tear tore torn;tell told;think thought;throw threw thrown;understand understood;undergo underwent undergone
undertake undertook;wake woke woken;wear wore worn;weave wove woven;weep wept;win won
withdraw withdrew withdrawn;write wrote written;rebuild rebuilt;rewrite rewrote rewritten;outgrow outgrew outgrown
child children;man men;woman women;person people;foot feet;tooth teeth;mouse mice;goose geese;knife knives
wife wives;shelf shelves;half halves;wolf wolves;loaf loaves;thief thieves
"""

BASE_FORMS: Final = {
    form: line.split()[0]
    for line in _FORMS.replace("\n", ";").split(";")
    for form in line.split()[1:]
}
"""Inflected form -> the form that a dictionary lists."""
