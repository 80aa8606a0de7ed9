"""LangChain's own suites over its adapters, and what they leave out. Skipped without the extra."""

import pytest

pytest.importorskip("langchain_core", reason="the extra `langchain` is not installed")
suites = pytest.importorskip(
    "langchain_tests.integration_tests", reason="langchain-tests is not installed"
)
from langchain_core.messages import (  # noqa: E402
    AIMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_tests.integration_tests.indexer import (  # noqa: E402
    AsyncDocumentIndexTestSuite,
    DocumentIndexerTestSuite,
)

import remanence  # noqa: E402
from remanence.integrations import langchain  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*beta.*"),
]


@pytest.fixture
def opened(memory):
    return memory


class TestVectorStore(suites.VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, memory):
        return langchain.RemanenceVectorStore(memory)


class TestRetriever(suites.RetrieversIntegrationTests):
    @property
    def retriever_constructor(self):
        return langchain.RemanenceRetriever

    @property
    def retriever_constructor_params(self):
        opened = remanence.open(":memory:")
        opened.remember([f"Kettle number {number} leaks." for number in range(12)])
        return {"memory": opened}

    @property
    def retriever_query_example(self):
        return "Which kettle leaks?"


class TestValuesOfBytes(suites.BaseStoreSyncTests):
    @pytest.fixture
    def kv_store(self, plain):
        return langchain.RemanenceKeyValueStore(plain)

    @pytest.fixture
    def three_values(self):
        return b"one", b"", b"\xff\0"


class TestValuesOfText(suites.BaseStoreSyncTests):
    @pytest.fixture
    def kv_store(self, plain):
        return langchain.RemanenceKeyValueStore(plain)

    @pytest.fixture
    def three_values(self):
        return "one", "二", ""


class TestValuesAsync(suites.BaseStoreAsyncTests):
    @pytest.fixture
    async def kv_store(self, plain):
        return langchain.RemanenceKeyValueStore(plain)

    @pytest.fixture
    def three_values(self):
        return b"one", b"two", b"three"


class TestCache(suites.SyncCacheTestSuite):
    @pytest.fixture
    def cache(self, plain):
        return langchain.RemanenceCache(plain)


class TestCacheAsync(suites.AsyncCacheTestSuite):
    @pytest.fixture
    async def cache(self, plain):
        return langchain.RemanenceCache(plain)


class TestDocumentIndex(DocumentIndexerTestSuite):
    @pytest.fixture
    def index(self, plain):
        return langchain.RemanenceDocumentIndex(memory=plain)


class TestDocumentIndexAsync(AsyncDocumentIndexTestSuite):
    @pytest.fixture
    async def index(self, plain):
        return langchain.RemanenceDocumentIndex(memory=plain)


def test_a_history_comes_back_exactly_and_is_recalled(memory):
    history = langchain.RemanenceChatHistory(memory, "s1", namespace="wei")
    call = {"name": "kettles", "args": {"colour": "red"}, "id": "c1", "type": "tool_call"}
    messages = [
        SystemMessage("Be brief."),
        HumanMessage("Which kettle leaks?"),
        AIMessage("", tool_calls=[call]),
        ToolMessage("the red one", tool_call_id="c1"),
        AIMessage("The red kettle leaks."),
    ]
    history.add_messages(messages)
    assert history.messages == messages
    assert memory.recall("What leaks?", namespace="wei")[0].text
    langchain.RemanenceChatHistory(memory, "s2", namespace="wei").clear()
    assert history.messages == messages
    history.clear()
    assert history.messages == []


def test_a_filter_holds_before_ranking(memory):
    store = langchain.RemanenceVectorStore(memory, namespace="notes")
    store.add_texts(["The red kettle leaks.", "The blue kettle leaks."], [{"n": 1}, {"n": 2}])
    (found,) = store.similarity_search("What leaks?", filter={"n": {"$gt": 1}})
    assert found.page_content == "The blue kettle leaks."
