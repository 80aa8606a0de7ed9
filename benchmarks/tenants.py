"""Between tenants, and against the OpenAPI:

namespaces of near-identical texts at the same time, and requests that the document itself makes.
"""

import json
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from remanence.server.service import Service
from remanence.testing.asgi import Direct

WORDS = ("Chengdu", "成都", "the harbour", "蓝色的门", "a violin", "三月")


@dataclass
class Report:
    """What was looked at, and what stood where it should not."""

    checked: int = 0
    requests: int = 0
    leaks: list[str] = field(default_factory=list)


def crowd(made: Service, site: Direct, namespaces: int, rounds: int) -> Report:
    """Every namespace says almost the same, each with its own secret, at the same time; no answer
    may have another's secret in it.

    They write, ask by every route, forget and write again, some with the same ids and the same
    Idempotency-Keys, each with a key of its own. The nearest neighbour of any text is always
    another namespace's.
    """
    report, lock = Report(), threading.Lock()
    names = [f"tenant-{number:02}" for number in range(namespaces)]
    secrets = {name: f"secret{number:02}x" for number, name in enumerate(names)}
    keys = {name: made.keys.create(("read", "write", "delete"), (name,))[0] for name in names}

    def live(name: str) -> None:
        rng = random.Random(name)
        for turn in range(rounds):
            for method, target, body in _deeds(secrets[name], turn, rng):
                headers = {
                    "authorization": f"Bearer {keys[name]}",
                    "content-type": "application/json",
                }
                if method == "POST" and "episodes" in target:
                    headers["idempotency-key"] = f"same-{turn}"
                raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
                answer = site(method, target, headers, raw)
                said = answer.body.decode()
                with lock:
                    report.requests += 1
                    report.checked += len(names) - 1
                    if answer.status >= 500:
                        report.leaks.append(f"{method} {target}: {answer.status}")
                    report.leaks += [
                        f"{method} {target} of {name} tells of {other}"
                        for other in names
                        if other != name and (secrets[other] in said or other in said)
                    ]

    threads = [threading.Thread(target=live, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report


def _deeds(secret: str, turn: int, rng: random.Random) -> Iterator[tuple[str, str, Any]]:
    """What one namespace does in a round."""
    word = rng.choice(WORDS)
    text = f"I keep {secret} behind {word}."
    turns = [
        {"text": text, "id": f"m{turn}"},
        {"text": f"Wei lives in {secret}.", "speaker": "Wei", "session": "s"},
    ]
    fact = {"subject": "Wei", "relation": "likes", "object": secret}
    yield "POST", "/v1/episodes", {"turns": turns}
    yield "POST", "/v1/facts", fact
    yield "POST", "/v1/recall", {"query": f"What is behind {word}?", "k": 20}
    yield "POST", "/v1/context", {"query": "Where does Wei live?", "facts": True, "session": "s"}
    for target in ("episodes", "sessions", "facts?history=true", "profile?subject=Wei", "timeline?subject=Wei",
                   "graph?subject=Wei&depth=2", "namespaces", f"episodes/m{turn}", f"episodes/m{turn}/versions",
                   "export?history=true", f"episodes/{quote(secret)}"):  # fmt: skip
        yield "GET", f"/v1/{target}", None
    yield "POST", "/v1/forget", {"subject": "Wei Wei", "dry_run": True}
    if rng.random() < 0.5:
        yield "DELETE", f"/v1/episodes/m{turn}", None
        yield "POST", "/v1/recall", {"query": text, "k": 5}


def foreign(made: Service, site: Direct) -> list[str]:
    """Every route of the OpenAPI with a namespace that is another's, and with one that there is
    not: what was answered differently.
    """
    owner, _ = made.keys.create(("read", "write", "delete", "admin", "proxy"))
    told = _json(site("GET", "/openapi.json", {"authorization": f"Bearer {owner}"}).body)
    head = {"authorization": f"Bearer {owner}", "content-type": "application/json"}
    site(
        "POST",
        "/v1/episodes",
        head,
        json.dumps({"text": "x", "id": "m1", "namespace": "theirs"}).encode(),
    )
    key, _ = made.keys.create(("read", "write", "delete"), ("mine",))
    unlike = []
    for path, methods in told["paths"].items():
        if path.startswith(
            ("/v1/keys", "/v1/namespaces", "/v1/caller", "/hooks")
        ):  # of no namespace
            continue
        for method, operation in methods.items():
            answers = [
                _foreign(site, key, method.upper(), path, operation, name)
                for name in ("theirs", "nowhere")
            ]
            if answers[0] != answers[1] or answers[0][0] != 404:
                unlike.append(f"{method} {path}: {answers}")
    return unlike


def _foreign(
    site: Direct, key: str, method: str, path: str, operation: dict[str, Any], namespace: str
) -> tuple[int, bytes]:
    target = path.replace("{id}", "m1").replace("{version}", "1")
    content = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(content), "application/json")
    body = b""
    if kind == "application/json" and content:
        every = {
            "text": "x",
            "query": "x",
            "subject": "a",
            "relation": "b",
            "object": "c",
            "id": "m1",
            "question": "x",
        }
        wanted = {"remember": ("text",), "replace": ("text",), "learn": ("subject", "relation", "object"),
                  "forget": ("id",), "ask": ("question",)}.get(operation["operationId"], ("query",))  # fmt: skip
        body = json.dumps(
            {"namespace": namespace, **{name: every[name] for name in wanted}}
        ).encode()
    else:
        target += (
            f"?namespace={namespace}&subject=a"
            if "subject" in str(operation["parameters"])
            else f"?namespace={namespace}"
        )
    answer = site(
        method,
        target,
        {"authorization": f"Bearer {key}", "content-type": kind, "if-match": "*"},
        body,
    )
    return answer.status, answer.body


def _json(body: bytes) -> Any:
    return json.loads(body)


@schemathesis.serializer("application/x-ndjson")
def _lines(_: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "replace")


def from_openapi(url: str, key: str, examples: int) -> list[str]:
    """Requests that schemathesis makes from the document of a service, right ones and wrong ones:
    what failed its checks.

    Left out is its check that every right request is taken: a text of blanks or a date that is none
    cannot be told in a schema.
    """
    head = {"Authorization": f"Bearer {key}"}
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json", headers=head)
    left_out = [schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
    failures: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()

        def check(case: Any) -> None:
            case.call_and_validate(excluded_checks=left_out, headers=head)

        bounded = settings(
            max_examples=examples, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
        )  # fmt: skip
        for mode in schemathesis.GenerationMode:
            try:
                strategy = operation.as_strategy(generation_mode=mode)
                bounded(given(case=strategy)(check))()
            except Exception as error:
                failures.append(f"{mode.name} {operation.label}: {_told(error)}")
    return failures


def _told(error: BaseException) -> str:
    inner = getattr(error, "exceptions", ())
    return " | ".join(map(_told, inner)) if inner else f"{type(error).__name__}: {error!s:.600}"
