"""A diary of our own, in two languages, and those who ask about it."""

import pytest

import remanence
from remanence.apps.ask import Asker

DIARY = [
    ("d1", "2024-01-03", "I went swimming with Ana at the lido."),
    ("d2", "2024-01-10", "Swam with Ana and Tom for 45 minutes."),
    ("d3", "2024-01-11", "I didn't go swimming today."),
    ("d4", "2024-01-12", "I'm going to swim on Friday."),
    ("d5", "2024-01-20", "I bought apples, two melons, oat milk and a toothbrush at the market."),
    ("d6", "2024-02-01", "I visited Lyon, France with Tom."),
    ("d7", "2024-02-02", "During my trip to Lyon, France, I visited the Croix-Rousse with Tom."),
    ("d8", "2024-02-02", "I ate onion soup when I was in Lyon, France."),
    ("d9", "2024-02-15", "I paid $30 for a novel and read it for 2 hours."),
    ("d10", "2024-03-01", "I talked to my sister for 20 minutes."),
    ("d11", "2024-03-02", "I talked to Ana for 50 minutes in the evening."),
    ("d12", "2024-03-03", "I talked to my sister for 10 minutes."),
    ("d13", "2024-03-09", "My brother went swimming."),
    ("d14", "2024-03-10", "Did I go swimming on Monday?"),
    ("d15", "2024-03-11", "I usually swim before work."),
    ("d16", "2024-03-20", "I made a lentil stew for dinner."),
    ("c1", "2024-04-01", "昨天和小李、王芳一起在公园跑了5公里。"),
    ("c2", "2024-04-05", "我和小李去看电影了。"),
    ("c3", "2024-04-06", "没去跑步。"),
    ("c4", "2024-04-08", "今天在超市花了60块钱，买了香蕉和牛奶。"),
    ("c5", "2024-04-09", "我打算明天跑步。"),
    ("c6", "2024-04-10", "今早跑了3公里。"),
    ("c7", "2024-04-12", "这周游了两次泳。"),
    ("c8", "2024-04-13", "我去了成都，吃了火锅。"),
]


@pytest.fixture(scope="session")
def diary():
    memory = remanence.open(":memory:", embedder="hash:64")
    memory.remember([{"id": id, "at": at, "text": text} for id, at, text in DIARY])
    yield memory
    memory.close()


@pytest.fixture(scope="session")
def asker(diary):
    return Asker(diary)


@pytest.fixture
def empty():
    with remanence.open(":memory:", embedder="hash:64") as memory:
        yield memory
