"""`Asker`: a question about a memory, answered by a plan over events, by stated causes, or by
quoting; never by a guess.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from remanence import checks, instants
from remanence.apps.ask import answers, changes, chinese_questions, events, questions, reasons
from remanence.apps.ask.answers import Answer, Citation
from remanence.apps.ask.plan import Operation, Plan
from remanence.apps.ask.reasons import CauseLink
from remanence.apps.ask.running import PlanRun, Result
from remanence.encoding import assertions
from remanence.memory import DEFAULT_NAMESPACE, Memory
from remanence.retrieval import answering
from remanence.storage import episodes
from remanence.storage.engine import Rows
from remanence.storage.store import UNKNOWN
from remanence.text import times
from remanence.types import Episode, Recollection, When

Planner = Callable[[str, datetime], Plan | None]
_RECALLED: Final = 10  # recollections among which a quotation is looked for
_FACTS: Final = 20
_LONGEST: Final = 300  # characters of a citation


class Asker:
    """Answers questions about one memory.

    `planner` makes a plan of a question and the instant at which it is asked, None where it cannot;
    absent, by patterns of English and Chinese. A planner that asks a model plugs in here: what it
    returns is a plan, never a number.
    """

    def __init__(self, memory: Memory, planner: Planner | None = None) -> None:
        self.memory = memory
        self._planner = planner or parse

    def ask(
        self,
        question: str,
        *,
        namespace: str = DEFAULT_NAMESPACE,
        speaker: str | None = None,
        at: When | None = None,
    ) -> Answer:
        """Return the answer to a question, with the rows that give it.

        `speaker` is whoever says "I"; absent, what anybody says of themselves counts. `at` is the
        instant at which it is asked; absent, it is now. Raises `InvalidInput`, `StorageError`.
        """
        checks.label(namespace, "namespace")
        checks.text(question, "question")
        now = instants.now() if at is None else times.beginning(at)
        reference = instants.moment(now, times.clock(at))
        effect = reasons.effect_asked(question)
        if effect is not None:
            return self._caused(effect, question, namespace)
        if changes.asked(question):
            return changes.changes(self.memory, question, namespace, reference)
        plan = self._planner(question, reference)
        if plan is not None:
            found = self.run(plan, question, namespace=namespace, speaker=speaker)
            if found.known:
                return found
        return self._quoted(question, namespace, speaker, at, plan)

    def plan(self, question: str, *, at: When | None = None) -> Plan | None:
        """Return the plan of a question; None where it would be answered by quoting."""
        now = instants.now() if at is None else times.beginning(at)
        return self._planner(question, instants.moment(now, times.clock(at)))

    def run(
        self,
        plan: Plan,
        question: str = "",
        *,
        namespace: str = DEFAULT_NAMESPACE,
        speaker: str | None = None,
    ) -> Answer:
        """Return the answer that a plan gives; `question` chooses the language of its words."""
        events.refresh(self.memory, namespace)
        words = answers.wording(question)
        with self.memory.namespace(namespace).reading() as (rows, number):
            if number == UNKNOWN:
                return Answer(words.nothing, known=False, plan=plan.as_json())
            run = PlanRun(rows, number, plan, speaker)
            result = run.result()
            known = _known(plan, result, run)
            cited = list(map(_cited, episodes.read(rows, namespace, result.episodes)))
        why = answers.reasons(plan, result, words)
        if not known:
            return Answer(words.nothing, known=False, plan=plan.as_json(), why=why)
        text = answers.spoken(plan, result, words)
        if result.unmet:
            text = words.none_named.format(number=0, names=words.joint.join(result.unmet))
        return Answer(
            text, True, tuple(cited), answers.values(result, plan, words), result.number,
            result.unit, plan.as_json(), why,
        )  # fmt: skip

    def _caused(self, effect: str, question: str, namespace: str) -> Answer:
        """Return the stated causes of an effect, or that none was stated."""
        events.refresh(self.memory, namespace)
        words = answers.wording(question)
        with self.memory.namespace(namespace).reading() as (rows, number):
            links = [] if number == UNKNOWN else reasons.CauseSearch(rows, number).chain(effect)
            told = dict(_by_number(rows, namespace, links))
        why = (words.cause_of.format(effect=effect),)
        if not links:
            return Answer(words.no_cause, known=False, why=why)
        cited = dict.fromkeys(link.episode for link in links)
        return Answer(
            words.then.join(link.cause for link in links),
            True,
            tuple(_cited(told[each]) for each in cited),
            tuple(link.cause for link in links),
            why=(
                *why,
                *(f"{link.effect} <- {link.cause} [{told[link.episode].id}]" for link in links),
            ),
        )

    def _quoted(
        self, question: str, namespace: str, speaker: str | None, at: When | None, plan: Plan | None
    ) -> Answer:
        """Return the sentences of the memory that answer a question, or that none does."""
        found = self.memory.recall(question, namespace=namespace, k=_RECALLED, at=at)
        about = self.memory.semantic.about(namespace, question, _FACTS)
        stated = [(fact, assertions.verbalise(fact)) for fact in about]
        extract = answering.answer(question, found, stated, asker=speaker)
        by_id = {item.id: item for item in found}
        cited = [_cited(by_id[id]) for id in extract.citations if id in by_id]
        counted = plan is not None and plan.operation in (Operation.COUNT, Operation.TOTAL)
        known = extract.known and not counted  # a quotation is no number
        why = (
            ("quoted: no plan gives the answer",)
            if plan is None
            else (plan.text(), "quoted: the plan finds nothing")
        )
        return Answer(
            extract.text, known, tuple(cited),
            plan=None if plan is None else plan.as_json(), why=why,
            degraded=tuple(found.degraded),
        )  # fmt: skip


def parse(question: str, reference: datetime) -> Plan | None:
    """Return the plan of a question in English or Chinese; None where it fits no pattern.

    >>> from datetime import UTC, datetime
    >>> parse("How many times did I visit Lyon in 2023?", datetime(2024, 1, 1, tzinfo=UTC)).text()
    'count event: did visit; to Lyon; since 2023-01-01; until 2024-01-01'
    """
    if answers.wording(question) is answers.CHINESE:
        return chinese_questions.parse(question, reference)
    return questions.parse(question, reference)


def _known(plan: Plan, result: Result, run: PlanRun) -> bool:
    """Return whether a result answers its plan.

    A name that occurs nowhere makes a count of zero, a common noun that does not makes none: its
    texts may use another word for it.
    """
    if result.unmet:
        counted = plan.operation in (Operation.COUNT, Operation.EXISTS)
        return counted and run.only_strangers(result.unmet)
    if plan.operation in (Operation.COUNT, Operation.EXISTS):
        return result.number is not None
    if plan.operation in (Operation.TOTAL, Operation.LARGEST, Operation.SMALLEST):
        return result.number is not None
    return bool(result.values)


def _by_number(rows: Rows, namespace: str, links: list[CauseLink]) -> list[tuple[int, Episode]]:
    numbers = sorted({link.episode for link in links})
    return list(zip(numbers, episodes.read(rows, namespace, numbers), strict=True))


def _cited(item: Recollection | Episode) -> Citation:
    return Citation(item.id, item.at, _short(item.text))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
