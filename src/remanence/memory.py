"""`Memory`: the verbs.

Each verb checks what it was handed, asks the layers below in turn, and returns values. Nothing is
computed here that another module could compute, and no back end is named: `build` hands them in.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

from remanence import checks, instants, succession
from remanence.embed.port import Embedder, identity
from remanence.encoding import assertions, drafting, working
from remanence.errors import ConfigError, InvalidInput, RemanenceError
from remanence.queries import edits, pages, previews
from remanence.queries.evidence import RECALLED, EvidenceQuery, within_budget
from remanence.queries.pages import MemoryVersion, Page
from remanence.retrieval import recalling, relevance, search, spanning, where
from remanence.retrieval.arm import Arm
from remanence.retrieval.arms import ARMS
from remanence.retrieval.dense import Dense
from remanence.retrieval.index import HELD_BYTES, IndexProjection
from remanence.retrieval.reader import Reader
from remanence.semantic import FactQuery, Semantic
from remanence.storage import appending, episodes, expiry, forgetting, notes
from remanence.storage.appending import Appended, Document
from remanence.storage.engine import Rows, Upkeep
from remanence.storage.engines import StoreEngine
from remanence.storage.states import States
from remanence.storage.store import Namespace, Store, View, find_namespace
from remanence.text import times, tokens
from remanence.types import (
    Consolidation,
    Context,
    Episode,
    Fact,
    Metadata,
    Recall,
    Receipt,
    Remembered,
    Turn,
    When,
)

DEFAULT_NAMESPACE = "default"
CHUNK = 10_000  # turns that one commit holds; a larger batch is several commits, each whole
CONTEXT_K = RECALLED


class Memory:
    """Long-term memory over one store. Safe to use from many threads.

    Make one with `remanence.open`. Every verb takes a `namespace`; nothing crosses it. `semantic`
    knows more of the graph: `semantic.entity` tells who is meant by a name, with the evidence.
    """

    def __init__(
        self,
        engine: StoreEngine,
        embedder: Embedder,
        *,
        count_tokens: Callable[[str], int] = tokens.count,
        extract: drafting.Extract | None = None,
        reader: Reader | None = None,
        arms: Sequence[Arm] = ARMS,
        consolidate: Callable[..., Consolidation] | None = None,
    ) -> None:
        self.store = Store(engine)
        self.upkeep: Upkeep = engine
        self.embedder = embedder
        self._count_tokens = count_tokens
        self.extract = extract
        self._identity = identity(embedder)
        # Earlier images of forgotten rows could not be erased: another process was reading them.
        self._wal_not_truncated = False
        self.semantic = Semantic(engine)
        self._reader = reader
        self.arms = tuple(arms)
        self._consolidate = consolidate
        projection = IndexProjection(lambda: Dense(embedder.dim, embedder.centre), self._identity)
        self.indexes = spanning.Indexes(projection, engine, HELD_BYTES)

    def namespace(self, name: str) -> Namespace:
        """Return the handle of a namespace: a snapshot to read in, a transaction to write in."""
        expiry.sweep(self.store.engine, checks.label(name, "namespace"))
        return self.store.namespace(name)

    # -- writing ------------------------------------------------------------------------------

    def remember(
        self,
        what: str | Turn | Mapping[str, Any] | Iterable[Turn | Mapping[str, Any] | str],
        *,
        speaker: str | None = None,
        session: str | None = None,
        at: When | None = None,
        id: str | None = None,
        metadata: Metadata | None = None,
        expires: When | None = None,
        namespace: str = DEFAULT_NAMESPACE,
    ) -> Remembered:
        """Remember a text, a turn, or a list of them; durable when this returns.

        One list is one commit up to `CHUNK` turns, beyond that a commit for each `CHUNK`. A text
        above 4,000 characters becomes several episodes, `id#1`, `id#2`, ... The same id with the
        same text is a no-op even when speaker, session, time or metadata differ, with other text
        a new version. `speaker`, `session`, `at`, `metadata` and `expires` (from when on it is not
        to be seen, and is forgotten) fill in what a turn leaves open.
        Messages with `role` and `content` are taken too: those of the system and of tools are left
        out, those of the assistant are marked and state no facts.

        Raises `InvalidInput` (nothing was written), `EmbedderError` (likewise), `StorageError`.
        """
        checks.label(namespace, "namespace")
        several = isinstance(what, Iterable) and not isinstance(what, (str, bytes, Mapping))
        if several and id is not None:
            raise InvalidInput(f"id={id!r} cannot name several turns; give each Turn its own id")
        more: dict[str, Any] = {"metadata": metadata, "expires": expires}
        given = {"speaker": speaker, "session": session, "at": at, "id": id, **more}
        turns = drafting.turns(what if several else [what], given)  # type: ignore[arg-type]
        now = instants.now()
        documents = drafting.documents(turns, self.embedder, now, self.extract)
        written: list[Appended] = []
        for start in range(0, len(documents), CHUNK):
            chunk = documents[start : start + CHUNK]
            try:
                written += self._append(namespace, chunk, now)
            except RemanenceError as error:
                if start:
                    error.add_note(f"the first {start:,} turns of this batch are remembered")
                raise
        if self._wal_not_truncated:
            forgetting.erase_in_passing(self.store.engine)
        return Remembered(
            (episode for each in written for episode in each.episodes),
            (each.new for each in written for _ in each.episodes),
        )

    def _append(self, namespace: str, chunk: list[Document], now: int) -> list[Appended]:
        def job(rows: Rows) -> list[Appended]:
            notes.check_identity(rows, self._identity)
            if expiry.is_due(rows, namespace, now):
                expiry.forget_due(rows, find_namespace(rows, namespace), now)
            self._wal_not_truncated = forgetting.erasure_pending(rows)
            return appending.append(rows, namespace, chunk, now)

        return self.store.engine.write(job, namespace=namespace)

    def learn(
        self,
        subject: str,
        relation: str,
        object: str,
        *,
        namespace: str = DEFAULT_NAMESPACE,
        valid_from: When | None = None,
        valid_until: When | None = None,
        speaker: str | None = None,
        at: When | None = None,
        id: str | None = None,
    ) -> Fact:
        """Learn one fact; durable when this returns. The log gets a readable sentence with it.

        `relation` is one of `encoding.relations.RELATIONS`, or any other name in snake_case, which
        may then hold of several objects at once. `valid_from` and `valid_until` say when it holds
        in the world, `at` when it was said (absent, now). The fact comes back as it stands after
        everything else that is known: one from long ago may already be superseded.

        Raises `InvalidInput` (nothing was written), `EmbedderError` (likewise), `StorageError`.
        """
        checks.label(namespace, "namespace")
        now = instants.now()
        assertion = assertions.assertion(subject, relation, object, valid_from, valid_until)
        turn = Turn(assertion.text, speaker=speaker, at=at, id=id)
        (document,) = drafting.documents([turn], self.embedder, now)
        stated = [assertions.to_document(document, assertion)]
        ((episode,),) = (each.episodes for each in self._append(namespace, stated, now))
        return self.semantic.learned(namespace, episode, assertion.candidate)

    def edit(
        self, id: str, text: str | None = None, *, namespace: str = DEFAULT_NAMESPACE, **fields: Any
    ) -> Episode:
        """Replace a memory's text, or other fields of it; return its new version, durable.

        `fields` are those of `queries.edit`: `speaker`, `session`, `at`, `metadata`, and `version`,
        the number of the version that must be the current one.

        Raises `InvalidInput` (unknown id, or another version is current), `EmbedderError`,
        `StorageError`; then nothing was written.
        """
        return edits.edit(self, namespace, id, text, **fields)

    def forget(
        self,
        *,
        namespace: str | Sequence[str],
        id: str | Sequence[str] | None = None,
        session: str | None = None,
        speaker: str | None = None,
        subject: str | None = None,
        before: When | None = None,
        everything: bool = False,
    ) -> Receipt:
        """Forget what matches every given selector, in every layer and every version.

        `id` may be several, `namespace` a list with prefixes as in `recall`; all is one
        transaction. `subject` matches every episode about it under any of its names: that it
        spoke, that states something of it, or that has one of the names as whole words in its
        text, id, session or metadata. Given alone, it is also buried: what earlier episodes say of
        it without a name is not believed again, whoever extracts it. What is said of it later is.

        After this returns with `wal="emptied"`, the words are in no file of the store. What does
        not exist counts zero. A `subject` without letters, or only one like 明, is `InvalidInput`.
        """
        spaces = spanning.names_of(namespace)
        plan = previews.plan(
            id=id,
            session=session,
            speaker=speaker,
            subject=subject,
            before=before,
            everything=everything,
        )

        def job(rows: Rows) -> forgetting.Blanked:
            held = spanning.held(rows, namespace)
            return sum((plan.run(View(rows, number)) for number in held), forgetting.Blanked())

        blanked = self.store.engine.write(job, namespace=spanning.single(namespace))
        erasure = forgetting.finish(self.store.engine)
        return forgetting.receipt(", ".join(spaces), plan.shown, blanked, erasure)

    def states(self, namespace: str) -> States:
        """Return the store of neural sessions' states in a namespace (see `neural`)."""
        return States(self.namespace(namespace))

    def consolidate(self, *, namespace: str, model: Any = None, **options: Any) -> Consolidation:
        """Train an adapter of a local model on what a namespace holds; keep it in the store.

        `model` is a spec ("hf:PATH"), a model of `llm.local`, or absent `$REMANENCE_MODEL`; with
        none, the report counts what there is to teach. `options` and errors are those of
        `consolidation.consolidate`.
        """
        checks.label(namespace, "namespace")
        if self._consolidate is None:
            raise ConfigError("this memory was not opened by `remanence.open`, which knows how")
        return self._consolidate(self, namespace, model, **options)

    def compact(self) -> None:
        """Write the file anew without blank rows; gives their room back to the disk."""
        forgetting.compact(self.store.engine)

    # -- reading ------------------------------------------------------------------------------

    def recall(
        self,
        query: str,
        *,
        namespace: str | Sequence[str] = DEFAULT_NAMESPACE,
        k: int = 10,
        speaker: str | None = None,
        session: str | None = None,
        since: When | None = None,
        until: When | None = None,
        metadata: Metadata | None = None,
        at: When | None = None,
        min_relevance: float = 0.0,
    ) -> Recall:
        """The at most `k` episodes that answer `query`, best first.

        `speaker`, `session`, `since` (inclusive), `until` (exclusive) and `metadata` (values, or
        conditions: see `retrieval.where`) hold before ranking. `at` is the instant to which
        "yesterday" is relative; absent, it is now. Episodes of less than `min_relevance` are left
        out. A list of namespaces, which may have prefixes such as "users/*", is searched as one.
        """
        now = instants.now() if at is None else times.beginning(at)
        filters = search.Filters(
            speaker=checks.optional_label(speaker, "speaker"),
            session=checks.optional_label(session, "session"),
            since=None if since is None else times.beginning(since, "since", reference=now),
            until=None if until is None else times.beginning(until, "until", reference=now),
        )
        question = recalling.Question(
            checks.text(query, "query"),
            checks.count(k, "k"),
            instants.moment(now, times.clock(at)),
            filters,
            where.of(metadata),
            several=not isinstance(namespace, str),
            min_relevance=checks.share(min_relevance, "min_relevance"),
        )
        with self.indexes.opened(namespace) as (index, rows, names):
            if not names:
                return Recall()
            over = partial(succession.replaced, rows, min(names), instant=now)
            means = recalling.Means(self.embedder, self._reader, self.arms, over)
            return recalling.recall_in(index, rows, names, question, means)

    def context(
        self,
        query: str,
        *,
        namespace: str = DEFAULT_NAMESPACE,
        budget: int = 800,
        session: str | None = None,
        facts: bool = False,
        speaker: str | None = None,
        since: When | None = None,
        until: When | None = None,
        metadata: Metadata | None = None,
        at: When | None = None,
    ) -> Context:
        """Evidence for `query` as text of at most `budget` tokens, each line cited.

        With `session`, its last turns stand first, verbatim, within half the budget; recall then
        brings what else matters, from that session or any other, and nothing twice; small talk
        and questions that nothing remembered bears on bring nothing. With `facts`,
        what is known of those whom the query names stands beside it. The other arguments are those
        of `recall`.
        """
        budget = checks.count(budget, "budget")
        checks.optional_label(session, "session")
        found = self.recall(
            query,
            namespace=namespace,
            k=RECALLED,
            speaker=speaker,
            since=since,
            until=until,
            metadata=metadata,
            at=at,
            min_relevance=relevance.MINIMUM,
        )
        wanted = EvidenceQuery(query, namespace, budget, self._count_tokens, session, facts)
        return within_budget(self, wanted, found)

    def last_turns(
        self,
        namespace: str,
        session: str,
        budget: int,
        cost: Callable[[Episode], int],
        but: str = "",
    ) -> list[Episode]:
        """Return a session's last turns within `budget` by `cost`, oldest first, without `but`."""
        with self.indexes.single.opened(namespace) as replica:
            numbers = replica.held.latest(session)
        with self.store.reading() as rows:
            newest_first = episodes.still(rows, namespace, numbers)
            earlier = (turn for turn in newest_first if turn.source != but)
            return working.last_turns(earlier, budget, cost)

    def get(self, id: str, *, namespace: str = DEFAULT_NAMESPACE) -> Episode | None:
        """Return the current version of a memory, a long document whole; None for an unknown id."""
        return pages.get(self, namespace, id)

    def versions(self, id: str, *, namespace: str = DEFAULT_NAMESPACE) -> list[MemoryVersion]:
        """Return every version of a memory, newest first, redacted ones included."""
        return pages.versions(self, namespace, id)

    def page(
        self, *, namespace: str = DEFAULT_NAMESPACE, beyond: int | None = None, **options: Any
    ) -> Page:
        """Return a page of the episodes of a namespace, the newest first.

        `beyond` is the `next` of the page before. `options` are those of `queries.page`: `most`
        (absent, 100), `session`, `speaker`, `since`, `until`, `oldest_first`, `history`.
        """
        return pages.page(self, namespace, beyond=beyond, **options)

    def facts(
        self,
        *,
        namespace: str = DEFAULT_NAMESPACE,
        subject: str | None = None,
        relation: str | None = None,
        object: str | None = None,
        as_of: When | None = None,
        known_at: When | None = None,
        history: bool = False,
    ) -> list[Fact]:
        """Return the facts that hold, newest first, then by their support.

        `subject` and `object` are names: any that is known of whoever is meant. `as_of` asks what
        held then in the world (absent, now), `known_at` what the memory had been told by then; what
        was forgotten since, it does not tell. With `history`, also what has been superseded,
        retracted, or is yet to come.

        A fact without a stated beginning counts from when it was first said; one of which only the
        end was said, at any time before. A superseded fact whose end is still to come holds till
        then. Raises `InvalidInput`, `StorageError`.
        """
        checks.label(namespace, "namespace")
        query = FactQuery(
            subject=checks.optional_label(subject, "subject"),
            relation=checks.optional_label(relation, "relation"),
            object=checks.optional_label(object, "object"),
            as_of=None if as_of is None else instants.parse(as_of, "as_of"),
            known_at=None if known_at is None else instants.parse(known_at, "known_at"),
            history=history,
        )
        return self.semantic.facts(namespace, query)

    def close(self) -> None:
        """Release the store. A second call does nothing."""
        self.store.engine.close()
        self.indexes.clear()
        self.semantic.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
