"""A checkpointer for LangGraph: threads of a graph in the same store as its memories.

    graph = builder.compile(checkpointer=RemanenceSaver(memory))

A thread is a namespace, so that deleting it leaves nothing. Checkpoints and writes are opaque
values; nothing of them is indexed or found by recall. Extra: `remanence[langgraph]`.
"""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from typing import Any

import anyio.to_thread
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
    writes_sort_key,
)

from remanence import records
from remanence.integrations.keys import escaped, plain
from remanence.memory import Memory
from remanence.storage.blobs import Blobs

Config = dict[str, Any]


class RemanenceSaver(BaseCheckpointSaver):
    """Checkpoints in a memory, below `root`."""

    def __init__(self, memory: Memory, *, root: str = "threads", serde: Any = None) -> None:
        super().__init__(serde=serde)
        self._memory, self._root = memory, root

    def _space(self, thread: Any) -> str:
        return f"{self._root}/{escaped(str(thread))}"

    def _blobs(self, thread: Any) -> Blobs:
        return Blobs(self._memory.namespace(self._space(thread)))

    # -- writing ------------------------------------------------------------------------------

    def put(self, config: Config, checkpoint: Any, metadata: Any, new_versions: Any) -> Config:  # noqa: ARG002
        given = config["configurable"]
        kind, body = self.serde.dumps_typed(checkpoint)
        head = {
            "type": kind,
            "parent": given.get("checkpoint_id"),
            "metadata": get_checkpoint_metadata(config, metadata),
        }
        space, id = given.get("checkpoint_ns", ""), checkpoint["id"]
        self._blobs(given["thread_id"]).put({_name("c", space, id): _packed(head, body)})
        return _config(given["thread_id"], space, id)

    def put_writes(
        self, config: Config, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        given = config["configurable"]
        blobs, prefix = (
            self._blobs(given["thread_id"]),
            _name("w", given.get("checkpoint_ns", ""), given["checkpoint_id"], task_id),
        )
        held = set(blobs.names(prefix + "|"))
        again = all(channel in WRITES_IDX_MAP for channel, _ in writes)
        values = {}
        for place, (channel, value) in enumerate(writes):
            number = WRITES_IDX_MAP.get(channel, place)
            kind, body = self.serde.dumps_typed(value)
            head = {
                "type": kind, "channel": channel, "task": task_id, "path": task_path, "idx": number
            }  # fmt: skip
            if again or f"{prefix}|{number}" not in held:
                values[f"{prefix}|{number}"] = _packed(head, body)
        blobs.put(values)

    def delete_thread(self, thread_id: str) -> None:
        self._memory.forget(namespace=self._space(thread_id), everything=True)

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        gone = set(run_ids)
        for thread in self._threads():
            blobs = self._blobs(thread)
            names = [
                name
                for name in blobs.names("c|")
                if _unpacked(blobs, name)[0]["metadata"].get("run_id") in gone
            ]
            self._drop(blobs, names)

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        source, target = self._blobs(source_thread_id), self._blobs(target_thread_id)
        for name in source.names():
            blob = source.get(name)
            if blob is not None:
                target.put({name: blob.value})

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        for thread in thread_ids:
            if strategy == "delete":
                self.delete_thread(thread)
                continue
            blobs = self._blobs(thread)
            newest: dict[str, str] = {}
            names = sorted(blobs.names("c|"))
            for name in names:
                newest[name.split("|")[1]] = name
            self._drop(blobs, [name for name in names if name not in newest.values()])

    def _drop(self, blobs: Blobs, names: Sequence[str]) -> None:
        """Forget checkpoints and their writes."""
        writes = [each for name in names for each in blobs.names(f"w{name[1:]}|")]
        blobs.forget([*names, *writes])

    # -- reading ------------------------------------------------------------------------------

    def get_tuple(self, config: Config) -> CheckpointTuple | None:
        given = config["configurable"]
        blobs, space = self._blobs(given["thread_id"]), given.get("checkpoint_ns", "")
        id = get_checkpoint_id(config)
        names = [_name("c", space, id)] if id else sorted(blobs.names(_name("c", space, "")))
        return self._tuple(given["thread_id"], blobs, names[-1]) if names else None

    def list(
        self,
        config: Config | None,
        *,
        filter: dict[str, Any] | None = None,
        before: Config | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        given = config["configurable"] if config else {}
        until = get_checkpoint_id(before) if before else None
        only = get_checkpoint_id(config) if config else None
        threads = [given["thread_id"]] if "thread_id" in given else self._threads()
        found = 0
        for thread in threads:
            blobs = self._blobs(thread)
            space = given.get("checkpoint_ns")
            names = blobs.names("c|" if space is None else _name("c", space, ""))
            for name in sorted(names, key=lambda each: each.rsplit("|", 1)[1], reverse=True):
                id = plain(name.rsplit("|", 1)[1])
                if (until and id >= until) or (only and id != only):
                    continue
                if found == limit:
                    return
                made = self._tuple(thread, blobs, name)
                if made and (filter or {}).items() <= dict(made.metadata).items():
                    found += 1
                    yield made

    def _threads(self) -> Sequence[str]:
        names = records.namespaces(self._memory, f"{self._root}/")
        return [plain(name[len(self._root) + 1 :]) for name in names]

    def _tuple(self, thread: Any, blobs: Blobs, name: str) -> CheckpointTuple | None:
        if blobs.get(name) is None:
            return None
        head, body = _unpacked(blobs, name)
        _, space, id = map(plain, name.split("|"))
        writes = [_unpacked(blobs, each) for each in blobs.names(f"w{name[1:]}|")]
        writes.sort(
            key=lambda each: writes_sort_key(each[0]["path"], each[0]["task"], each[0]["idx"])
        )
        return CheckpointTuple(
            _config(thread, space, id),
            self.serde.loads_typed((head["type"], body)),
            head["metadata"],
            _config(thread, space, head["parent"]) if head["parent"] else None,
            [
                (told["task"], told["channel"], self.serde.loads_typed((told["type"], value)))
                for told, value in writes
            ],
        )

    # -- the same from coroutines -------------------------------------------------------------

    async def aget_tuple(self, config: Config) -> CheckpointTuple | None:
        return await _threaded(self.get_tuple, config)

    async def alist(self, config: Config | None, **options: Any) -> AsyncIterator[CheckpointTuple]:
        for each in await _threaded(lambda: [*self.list(config, **options)]):
            yield each

    async def aput(
        self, config: Config, checkpoint: Any, metadata: Any, new_versions: Any
    ) -> Config:
        return await _threaded(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: Config, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        await _threaded(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        await _threaded(self.delete_thread, thread_id)

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        await _threaded(self.delete_for_runs, run_ids)

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        await _threaded(self.copy_thread, source_thread_id, target_thread_id)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        await _threaded(partial(self.prune, thread_ids, strategy=strategy))


async def _threaded(verb: Any, *args: Any) -> Any:
    return await anyio.to_thread.run_sync(verb, *args)


def _name(*parts: str) -> str:
    """Return the name of a value; an empty last part gives the prefix of all such names."""
    *first, last = parts
    return "|".join([*map(escaped, first), escaped(last) if last else ""])


def _config(thread: Any, space: str, id: str) -> Config:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": space, "checkpoint_id": id}}


def _packed(head: dict[str, Any], body: bytes) -> bytes:
    return json.dumps(head).encode() + b"\n" + body


def _unpacked(blobs: Blobs, name: str) -> tuple[dict[str, Any], bytes]:
    """Return the head and the body of a value that is there."""
    blob = blobs.get(name)
    head, _, body = (b"{}" if blob is None else blob.value).partition(b"\n")
    return json.loads(head), body
