"""Turns a second of an import of ChatGPT's format, and the time of the first question after it.

    python benchmarks/importing.py [--conversations 1240] [--messages 25000]

The export is made here, conversation by conversation, in the shape of `conversations.json`: a tree
of messages, read back from `current_node`. It is imported into a new file twice; the second time
must bring nothing new.
"""

import argparse
import json
import random
import tempfile
import time
from pathlib import Path

import remanence
from remanence.integrations import formats

TOPICS = [
    "garden",
    "harbour",
    "bicycle",
    "recipe",
    "invoice",
    "museum",
    "telescope",
    "violin",
    "glacier",
    "bakery",
]
PLACES = ["Lisbon", "Hamburg", "Kyoto", "Chengdu", "Porto", "Nairobi", "Oslo", "Lima"]


def conversation(number: int, messages: int, chance: random.Random) -> dict:
    """Return one conversation of `messages` turns."""
    mapping, parent = {}, None
    for turn in range(messages):
        node = f"c{number}-{turn}"
        words = (chance.choice(TOPICS), chance.choice(PLACES), chance.randrange(10_000))
        said = "I took the {} to {} on visit {}, and it went well.".format(*words)
        asked = "Good to know about the {} in {}; shall I note visit {}?".format(*words)
        mapping[node] = {
            "id": node,
            "parent": parent,
            "children": [f"c{number}-{turn + 1}"] if turn + 1 < messages else [],
            "message": {
                "id": node,
                "author": {"role": "assistant" if turn % 2 else "user"},
                "create_time": 1_760_000_000 + number * 3_600 + turn * 30,
                "content": {"content_type": "text", "parts": [asked if turn % 2 else said]},
                "metadata": {},
            },
        }
        parent = node
    return {
        "id": f"c{number}",
        "conversation_id": f"c{number}",
        "title": f"Visit {number}",
        "create_time": 1_760_000_000 + number * 3_600,
        "current_node": parent,
        "mapping": mapping,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--conversations", type=int, default=1_240)
    options.add_argument("--messages", type=int, default=25_000)
    options.add_argument("--quick", action="store_true", help="1,000 messages")
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    if asked.quick:
        asked.conversations, asked.messages = 50, 1_000
    chance = random.Random(7)
    sizes = [asked.messages // asked.conversations] * asked.conversations
    for index in range(asked.messages - sum(sizes)):
        sizes[index] += 1
    export = [conversation(n, size, chance) for n, size in enumerate(sizes)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conversations.json"
        path.write_text(json.dumps(export), encoding="utf-8")
        with remanence.open(Path(folder) / "m.db") as memory:
            memory.recall("warm")  # the embedder's table is read once
            began = time.perf_counter()
            done = formats.load_path(memory, path)
            seconds = time.perf_counter() - began
            began = time.perf_counter()
            found = memory.recall("Where did I take the telescope?")
            first = time.perf_counter() - began
            again = formats.load_path(memory, path)
    assert (done.format, done.new, again.new) == ("chatgpt", asked.messages, 0), (done, again)
    assert "telescope" in found[0].text
    if asked.json:
        measured = {"turns": done.new, "seconds": seconds, "first_question": first}
        print(json.dumps(measured))
        return
    print(f"imported {done.new:,} turns in {seconds:.2f} s: {done.new / seconds:,.0f} turns/s")
    print(f"first question after it: {first:.2f} s; again: {again.new} new")


if __name__ == "__main__":
    main()
