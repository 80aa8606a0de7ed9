"""The `mem0ai` client of PyPI, as it is, against the service: by its host alone."""

import asyncio
import socket
import threading
import time

import pytest

pytest.importorskip("mem0.client.main", reason="mem0ai is not installed")
import uvicorn

from remanence.server import settings
from remanence.server.app import app
from remanence.server.logs import Log
from remanence.server.service import service

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def served(plain, monkeypatch):
    """(host, key) of a service on a port of its own."""
    monkeypatch.setenv("MEM0_TELEMETRY", "False")
    made = service(plain, settings.load({}), Log(None))
    key, _ = made.keys.create(("read", "write", "delete"))
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app(made), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{taken.getsockname()[1]}/mem0", key
    server.should_exit = True
    thread.join()


def test_the_client_does_all_that_needs_no_model(served):
    from mem0 import MemoryClient

    client = MemoryClient(api_key=served[1], host=served[0])
    added = client.add("The red kettle leaks.", user_id="wei", metadata={"stars": 2})["results"]
    client.add([{"role": "user", "content": "Yan likes tea."}], user_id="yan")
    id = added[0]["id"]
    (hit,) = client.search("What leaks?", filters={"user_id": "wei"}, top_k=5)["results"]
    assert (hit["id"], hit["memory"]) == (id, "The red kettle leaks.")
    assert client.get(id)["metadata"] == {"stars": 2}
    assert client.get_all(filters={"OR": [{"user_id": "wei"}, {"user_id": "yan"}]})["count"] == 2
    assert client.get_all(filters={"user_id": "*"}, page=2, page_size=1)["previous"]
    client.update(id, text="The red kettle was mended.")
    assert [each["event"] for each in client.history(id)] == ["ADD", "UPDATE"]
    assert {each["name"] for each in client.users()["results"]} == {"wei", "yan"}
    client.batch_update([{"memory_id": id, "text": "It is gone."}])
    assert client.get(id)["memory"] == "It is gone."
    client.batch_delete([{"memory_id": id}])
    with pytest.raises(Exception, match="404|not found|no such"):
        client.get(id)
    client.delete_users(user_id="yan")
    client.add("A last word.", user_id="wei")
    (last,) = client.get_all(filters={"user_id": "wei"})["results"]
    client.delete(last["id"])
    client.add("Another.", user_id="wei")
    client.delete_all(user_id="wei")
    assert client.get_all(filters={})["count"] == 0
    client.add("For the reset.", app_id="shop")
    client.reset()
    assert client.get_all(filters={})["count"] == 0


def test_the_client_of_coroutines_does_so_too(served):
    from mem0 import AsyncMemoryClient

    async def used():
        client = AsyncMemoryClient(api_key=served[1], host=served[0])
        added = await client.add("我养了一只猫。", user_id="wei")
        found = await client.search("谁养猫？", filters={"user_id": "wei"})
        await client.update(added["results"][0]["id"], text="猫叫小黑。")
        told = await client.history(added["results"][0]["id"])
        await client.delete_all(user_id="wei")
        left = await client.get_all(filters={"user_id": "wei"})
        return found["results"][0]["memory"], len(told), left["count"]

    assert asyncio.run(used()) == ("我养了一只猫。", 2, 0)


def test_a_wrong_key_is_refused(served):
    from mem0 import MemoryClient

    with pytest.raises(ValueError, match="Error"):
        MemoryClient(api_key="rmn_wrong", host=served[0])
