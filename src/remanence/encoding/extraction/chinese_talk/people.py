"""The people and animals of one Chinese turn: what each subject is called, and who exists.

"我妹妹小林" is 小林, and that she is the speaker's sister is stated; "我妹妹" is "Wei的妹妹".
"""

from remanence.encoding.extraction.chinese_talk.head import Stop
from remanence.encoding.extraction.chinese_talk.kin import KIN, MENTIONED, NEAR, PARTNERS, Kin
from remanence.encoding.extraction.scene import Scene, Statement, Subject

__all__ = ["Cast"]


class Cast:
    """People mentioned so far in a turn."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._genders: dict[str, str] = {}
        self._pet = ""
        self.topic = ""
        """Amount that was spoken of before: 房租."""
        self.asking = False
        """The sentence asks or suggests something."""
        self.requesting = False
        """The turn asks for something: a wish in it is what is asked for."""
        self.latest: Subject | None = None
        """Who was introduced last: 其 and 他 of the next clause."""
        self._mentions: dict[str, tuple[str, tuple[int, int]]] = {}

    @property
    def speaker(self) -> str:
        """Name of the speaker."""
        return self._scene.speaker or ""

    def mention(self, noun: str, relation: str, span: tuple[int, int]) -> None:
        """Keep that the speaker has such a relative or animal."""
        self._mentions.setdefault(f"{self.speaker}的{noun}", (relation, span))

    def mentioned(self, said: list[Statement]) -> list[Statement]:
        """Relatives and animals that were mentioned and of whom nothing else was stated."""
        known = {one.subject.name for one in said} | {
            one.object if one.object.startswith(self.speaker) else f"{self.speaker}的{one.object}"
            for one in said
        }
        related = {one.relation for one in said if one.subject.name == self.speaker}
        me = Subject(self.speaker, "person")
        return [
            Statement(
                me,
                "has_partner" if relation in PARTNERS else relation,
                name if relation != "has_pet" else name[len(me.name) + 1 :],
                0.8,
                *span,
            )
            for name, (relation, span) in self._mentions.items()
            if name not in known and relation not in related
        ]

    def subject(self, stop: Stop, said: list[Statement], span: tuple[int, int]) -> Subject | None:
        """Return the person named by the head of a clause; None where that is not known."""
        found = self._named(stop, said, span)
        if found is None or not stop.owned:
            return found
        kin = KIN.get(stop.owned)
        noun = kin.noun if kin else stop.owned
        return Subject(f"{found.name}的{noun}", "person" if kin else "thing", found.sure)

    def _named(self, stop: Stop, said: list[Statement], span: tuple[int, int]) -> Subject | None:
        if stop.kind == "self":
            return Subject(self.speaker, "person")
        if stop.kind == "kinsman":
            return self._relative(KIN[stop.subject], stop.name, said, span)
        if stop.kind == "pet":
            self._pet = f"{self.speaker}的{stop.subject}"
            self.mention(stop.subject, "has_pet", span)
            return Subject(self._pet, "thing")
        if stop.kind == "you":
            return Subject(self._scene.addressee, "person", 0.85) if self._scene.addressee else None
        if stop.kind == "third":
            return self._pronoun(stop.subject)
        return Subject(stop.subject, "person", 0.95)

    def _relative(
        self, kin: Kin, name: str, said: list[Statement], span: tuple[int, int]
    ) -> Subject:
        whole = f"{self.speaker}的{kin.noun}"
        if not name:
            self._genders[whole] = kin.gender
            if kin.relation in MENTIONED and kin.noun not in ("孩子", "孩子们", "大的", "小的"):
                self.mention(kin.noun, kin.relation, span)
            return Subject(whole, "person")
        self._genders[name] = kin.gender
        if kin.relation == "former_partner_of":
            relation = "dating" if "友" in kin.noun else "married_to"
            me = Subject(self.speaker, "person")
            said.append(Statement(me, relation, name, 0.85, *span, change="end"))
        elif not any(one.object == name and one.relation == kin.relation for one in said):
            me = Subject(self.speaker, "person")
            said.append(Statement(me, kin.relation, name, 0.9, *span))
            if kin.relation in NEAR:
                role = Subject(whole, "person")
                said.append(Statement(role, "named", name, 0.9, *span))
        return Subject(name, "person")

    def _pronoun(self, word: str) -> Subject | None:
        if word.startswith("其"):
            return self.latest
        if self._pet and (word == "它" or not self._genders):
            return Subject(self._pet, "thing", 0.85)
        other = "男" if word == "她" else "女"
        fitting = [name for name, gender in self._genders.items() if gender != other]
        return Subject(fitting[0], "person", 0.85) if len(fitting) == 1 and word in "他她" else None

    def relate(self, name: str, gender: str) -> None:
        """Keep that `name` has been introduced."""
        self._genders[name] = gender

    def next_subject(self, subject: Subject, made: list[Statement]) -> Subject:
        """Return the subject of a following clause that has none of its own:

        a new pet or child, else the same.
        """
        last = made[-1]
        self.latest = subject
        if last.relation == "has_pet" and not last.negated and last.change != "end":
            bare = last.object.lstrip("一二两三四五六七八九十0123456789只条个")
            self._pet = f"{subject.name}的{bare}"
            return Subject(self._pet, "thing", 0.95) if bare == last.object else subject
        if last.relation == "named" and subject.name.startswith(f"{self.speaker}的"):
            return Subject(last.object, "person", 0.95) if subject.kind == "person" else subject
        if last.relation in NEAR and last.object.startswith(f"{subject.name}的"):
            return Subject(last.object, "person", 0.95)
        return subject
