"""A store for LangGraph: items of an agent as memories, found by meaning, filtered, expiring.

    graph = builder.compile(store=RemanenceStore(memory))
    store.put(("users", "wei"), "kettle", {"text": "The red kettle leaks."}, ttl=60)
    store.search(("users",), query="What leaks?", filter={"text": {"$ne": ""}})

A tuple of labels is a namespace below `root`. What is indexed of an item is its text; an item with
`index=False` is found by filters alone. `score` is the similarity of query and text by the memory's
own embedder. A value stands in the metadata, up to 256 KB as JSON. Extra: `remanence[langgraph]`.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio.to_thread
from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    PutOp,
    SearchItem,
    SearchOp,
    get_text_at_path,
    tokenize_path,
)

from remanence import queries, records
from remanence.integrations.keys import escaped, plain
from remanence.memory import Memory
from remanence.records import Record
from remanence.types import Turn

_KEY = re.compile(r"[\w. -]+")
_UNLISTED = 10_000  # namespaces looked through


class RemanenceStore(BaseStore):
    """Items in a memory. `fields` are the paths that are indexed ("$" is all of a value)."""

    supports_ttl = True

    def __init__(
        self,
        memory: Memory,
        *,
        root: str = "store",
        fields: Sequence[str] = ("$",),
        ttl: dict[str, Any] | None = None,
    ) -> None:
        self._memory, self._root, self._fields = memory, root, tuple(fields)
        self.ttl_config = ttl

    def batch(self, ops: Iterable[Any]) -> list[Any]:
        """Do operations in their order; `PutOp` answers None."""
        verbs = {
            GetOp: self._get,
            PutOp: self._put,
            SearchOp: self._search,
            ListNamespacesOp: self._list,
        }
        return [verbs[type(op)](op) for op in ops]

    async def abatch(self, ops: Iterable[Any]) -> list[Any]:
        """`batch`, in a thread."""
        return await anyio.to_thread.run_sync(self.batch, list(ops))

    def sweep_ttl(self) -> int:
        """Forget what has expired, and return how many items; every read does so by itself."""
        return records.forget_expired(self._memory, f"{self._root}/")

    # -- operations ---------------------------------------------------------------------------

    def _put(self, op: PutOp) -> None:
        space = self._space(op.namespace)
        if op.value is None:
            self._memory.forget(namespace=space, id=escaped(op.key))
            return
        metadata: dict[str, Any] = {"value": op.value}
        text = json.dumps(op.value, ensure_ascii=False)
        if op.index is False:
            metadata["unindexed"] = True
            text = op.key
        else:
            text = _text(op.value, op.index or self._fields) or text
        expires = None
        if op.ttl is not None:
            metadata["ttl"], expires = op.ttl, _after(op.ttl)
        turn = Turn(text, id=escaped(op.key), metadata=metadata, expires=expires)
        queries.put(self._memory, space, turn, lambda _: None)

    def _get(self, op: GetOp) -> Item | None:
        space = self._space(op.namespace)
        (found,) = records.get(self._memory, space, [escaped(op.key)])
        if found is None:
            return None
        self._refresh([found], refresh=op.refresh_ttl)
        return Item(**self._fields_of(found))

    def _search(self, op: SearchOp) -> list[SearchItem]:
        asked: dict[str, Any] = _conditions(op.filter or {})
        spaces, most = self._below(op.namespace_prefix), op.offset + op.limit
        if most < 1:
            return []
        if not op.query:
            page = records.page(self._memory, spaces, metadata=asked, most=most)
            wanted = page.items[op.offset :]
            self._refresh(wanted, refresh=op.refresh_ttl)
            return [SearchItem(**self._fields_of(each), score=None) for each in wanted]
        asked["unindexed"] = {"$exists": False}
        hits = self._memory.recall(op.query, namespace=spaces, k=most, metadata=asked)[op.offset :]
        made = []
        for hit in hits:
            (found,) = records.get(self._memory, hit.namespace, [hit.source])
            if found is not None:
                self._refresh([found], refresh=op.refresh_ttl)
                made.append(SearchItem(**self._fields_of(found), score=hit.similarity))
        return made

    def _list(self, op: ListNamespacesOp) -> list[tuple[str, ...]]:
        names = records.namespaces(self._memory, f"{self._root}/", most=_UNLISTED)
        spaces = [self._labels(name) for name in names if self._holds(name)]
        for condition in op.match_conditions or ():
            spaces = [each for each in spaces if _matches(each, condition)]
        cut = sorted({each[: op.max_depth] for each in spaces})
        return cut[op.offset : op.offset + op.limit]

    def _holds(self, name: str) -> bool:
        return bool(records.page(self._memory, name, most=1).items)

    def _refresh(self, found: Sequence[Record], *, refresh: bool) -> None:
        """Count the time to live of items anew, from this reading on."""
        for each in found if refresh else ():
            minutes = each.episode.metadata.get("ttl")
            if minutes is not None:
                space, id = each.episode.namespace, each.episode.source
                records.touch(self._memory, space, [id], _after(minutes))

    # -- names and values ---------------------------------------------------------------------

    def _space(self, labels: Sequence[str]) -> str:
        return "/".join([self._root, *map(escaped, labels)])

    def _labels(self, name: str) -> tuple[str, ...]:
        return tuple(map(plain, name.split("/")[1:]))

    def _below(self, labels: Sequence[str]) -> list[str]:
        space = self._space(labels)
        return [space, f"{space}/*"] if labels else [f"{space}/*"]

    def _fields_of(self, found: Record) -> dict[str, Any]:
        episode = found.episode
        return {
            "value": episode.metadata["value"],
            "key": plain(episode.source),
            "namespace": self._labels(episode.namespace),
            "created_at": datetime.fromisoformat(found.created_at),
            "updated_at": datetime.fromisoformat(episode.recorded_at),
        }


def _conditions(given: dict[str, Any]) -> dict[str, Any]:
    """Return a filter on values as one on metadata. Raises `ValueError` as other stores do."""
    for key in given:
        if not _KEY.fullmatch(key):
            raise ValueError(f"Invalid filter key: {key!r:.80}")
    return {f"value.{key}": wanted for key, wanted in given.items()}


def _text(value: Any, fields: Sequence[str]) -> str:
    """Return the text of the fields of a value that there are, one a line."""
    texts = [each for field in fields for each in get_text_at_path(value, tokenize_path(field))]
    return "\n".join(text for text in texts if text.strip())


def _after(minutes: float) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


def _matches(labels: tuple[str, ...], condition: Any) -> bool:
    path = condition.path
    if len(labels) < len(path):
        return False
    part = labels[: len(path)] if condition.match_type == "prefix" else labels[-len(path) :]
    return all(want in ("*", label) for label, want in zip(part, path, strict=True))
