"""LangChain over a memory: vector store, retriever, chat history, key-value store, cache, index.

    store = RemanenceVectorStore(memory, namespace="notes")
    store.add_texts(["The red kettle leaks."], [{"kind": "fault"}])
    store.similarity_search("What leaks?", filter={"kind": "fault"})

The memory's own embedder makes the vectors; an embedding that LangChain hands over is not used.
Filters are conditions on metadata (`retrieval.where`). Extra: `remanence[langchain]`.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

from langchain_core.caches import BaseCache
from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.documents import Document
from langchain_core.indexing import DeleteResponse, UpsertResponse
from langchain_core.indexing.base import DocumentIndex
from langchain_core.load import dumps, loads
from langchain_core.messages import BaseMessage, message_to_dict, messages_from_dict
from langchain_core.retrievers import BaseRetriever
from langchain_core.stores import BaseStore
from langchain_core.vectorstores import VectorStore
from pydantic import ConfigDict

from remanence import queries, records
from remanence.memory import DEFAULT_NAMESPACE, Memory
from remanence.storage.blobs import Blobs
from remanence.types import Recollection, Turn


def _document(hit: Recollection) -> Document:
    return Document(hit.text, id=hit.id, metadata=dict(hit.metadata))


def _write(memory: Memory, namespace: str, documents: Sequence[Any]) -> list[str]:
    """Write documents, each under its id (a new one where it has none), and return the ids."""
    ids = [each.id or uuid.uuid4().hex for each in documents]
    for id, each in zip(ids, documents, strict=True):
        turn = Turn(each.page_content, id=id, metadata=each.metadata)
        queries.put(memory, namespace, turn, lambda _: None)
    return ids


def _read(memory: Memory, namespace: str, ids: Sequence[str]) -> list[Document]:
    found = [each.episode for each in records.get(memory, namespace, ids) if each is not None]
    return [Document(each.text, id=each.id, metadata=dict(each.metadata)) for each in found]


class RemanenceVectorStore(VectorStore):
    """Documents of a namespace, found by everything recall knows, not by vectors alone."""

    def __init__(self, memory: Memory, *, namespace: str = DEFAULT_NAMESPACE) -> None:
        self._memory, self._namespace = memory, namespace

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: Sequence[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **_: Any,
    ) -> list[str]:
        """Write texts; one whose id is there already becomes its new version."""
        given = list(texts)
        told, names = metadatas or [{}] * len(given), ids or [None] * len(given)
        made = [
            Document(text, metadata=about, id=id)
            for text, about, id in zip(given, told, names, strict=True)
        ]
        return _write(self._memory, self._namespace, made)

    def similarity_search(self, query: str, k: int = 4, **options: Any) -> list[Document]:
        """Return the best `k` documents; `filter` is a condition on their metadata."""
        return [found for found, _ in self.similarity_search_with_score(query, k, **options)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, *, filter: dict[str, Any] | None = None, **_: Any
    ) -> list[tuple[Document, float]]:
        """Return the best `k` documents with their similarity, best first by recall."""
        hits = self._memory.recall(query, namespace=self._namespace, k=k, metadata=filter)
        return [(_document(hit), hit.similarity) for hit in hits]

    def _select_relevance_score_fn(self) -> Any:
        return float

    def delete(self, ids: Sequence[str] | None = None, **_: Any) -> bool:
        """Forget documents; without ids, all of the namespace."""
        if ids is None:
            self._memory.forget(namespace=self._namespace, everything=True)
        else:
            self._memory.forget(namespace=self._namespace, id=list(ids))
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return documents by id; those that are not there are left out."""
        return _read(self._memory, self._namespace, ids)

    @classmethod
    def from_texts(
        cls,
        texts: Sequence[str],
        embedding: Any = None,  # noqa: ARG003
        metadatas: Sequence[dict[str, Any]] | None = None,
        *,
        memory: Memory,
        namespace: str = DEFAULT_NAMESPACE,
        ids: Sequence[str] | None = None,
        **_: Any,
    ) -> "RemanenceVectorStore":
        """Return a store with texts in it."""
        made = cls(memory, namespace=namespace)
        made.add_texts(texts, metadatas, ids=ids)
        return made


class RemanenceRetriever(BaseRetriever):
    """Recall as a retriever."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    memory: Memory
    namespace: str = DEFAULT_NAMESPACE
    k: int = 4
    filter: dict[str, Any] | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: Any,  # noqa: ARG002 - as the base class calls it
        **more: Any,
    ) -> list[Document]:
        found = self.memory.recall(
            query,
            namespace=self.namespace,
            k=more.get("k", self.k),
            metadata=more.get("filter", self.filter),
        )
        return [_document(hit) for hit in found]


class RemanenceChatHistory(BaseChatMessageHistory):
    """The messages of a session, which recall finds too; tool calls come back exactly."""

    def __init__(self, memory: Memory, session: str, *, namespace: str = DEFAULT_NAMESPACE) -> None:
        self._memory, self._session, self._namespace = memory, session, namespace

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]
        """The messages, oldest first."""
        found, beyond = [], None
        while True:
            page = records.page(
                self._memory,
                self._namespace,
                session=self._session,
                metadata={"message": {"$exists": True}},
                oldest_first=True,
                beyond=beyond,
                most=500,
            )
            found += [each.episode.metadata["message"] for each in page.items]
            beyond = page.beyond
            if beyond is None:
                return messages_from_dict(found)

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Remember messages, in one commit."""
        turns = []
        for each in messages:
            role = {"human": "user", "ai": "assistant"}.get(each.type, each.type)
            text = str(each.text) if str(each.text).strip() else f"[{each.type}]"
            metadata = {"role": role, "message": message_to_dict(each)}
            turns.append(Turn(text, speaker=role, session=self._session, metadata=metadata))
        self._memory.remember(turns, namespace=self._namespace)

    def clear(self) -> None:
        """Forget the session."""
        self._memory.forget(namespace=self._namespace, session=self._session)


class RemanenceKeyValueStore(BaseStore[str, Any]):
    """Bytes or JSON by key, opaque: nothing of it is found by recall."""

    def __init__(self, memory: Memory, *, namespace: str = "langchain/values") -> None:
        self._memory, self._namespace = memory, namespace

    def _blobs(self) -> Blobs:
        return Blobs(self._memory.namespace(self._namespace))

    def mget(self, keys: Sequence[str]) -> list[Any]:
        return [None if each is None else each.value for each in self._blobs().get_all(keys)]

    def mset(self, key_value_pairs: Sequence[tuple[str, Any]]) -> None:
        self._blobs().put(dict(key_value_pairs))

    def mdelete(self, keys: Sequence[str]) -> None:
        self._blobs().forget(keys)

    def yield_keys(self, *, prefix: str | None = None) -> Iterator[str]:
        yield from self._blobs().names(prefix or "")


class RemanenceCache(BaseCache):
    """Answers of models, by prompt and model."""

    def __init__(self, memory: Memory, *, namespace: str = "langchain/cache") -> None:
        self._memory, self._namespace = memory, namespace

    def _blobs(self) -> Blobs:
        return Blobs(self._memory.namespace(self._namespace))

    def lookup(self, prompt: str, llm_string: str) -> Any:
        found = self._blobs().get(_digest(prompt, llm_string))
        if found is None:
            return None
        return [loads(each, allowed_objects="core") for each in found.value]

    def update(self, prompt: str, llm_string: str, return_val: Any) -> None:
        self._blobs().put({_digest(prompt, llm_string): [dumps(each) for each in return_val]})

    def clear(self, **_: Any) -> None:
        self._memory.forget(namespace=self._namespace, everything=True)


class RemanenceDocumentIndex(DocumentIndex):
    """Documents by id, and found by recall."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    memory: Memory
    namespace: str = DEFAULT_NAMESPACE
    k: int = 4

    def upsert(self, items: Sequence[Document], /, **_: Any) -> UpsertResponse:
        return UpsertResponse(succeeded=_write(self.memory, self.namespace, items), failed=[])

    def delete(self, ids: list[str] | None = None, **_: Any) -> DeleteResponse:
        if ids is None:
            raise ValueError("name the ids to delete")
        held = [each.id for each in _read(self.memory, self.namespace, ids)]
        self.memory.forget(namespace=self.namespace, id=held)
        return DeleteResponse(succeeded=held, num_deleted=len(held), num_failed=0, failed=[])

    def get(self, ids: Sequence[str], /, **_: Any) -> list[Document]:
        return _read(self.memory, self.namespace, ids)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: Any,  # noqa: ARG002 - as the base class calls it
        **more: Any,
    ) -> list[Document]:
        found = self.memory.recall(query, namespace=self.namespace, k=more.get("k", self.k))
        return [_document(hit) for hit in found]


def _digest(prompt: str, model: str) -> str:
    return blake2b(f"{len(prompt)}|{prompt}|{model}".encode(), digest_size=20).hexdigest()
