"""Opening: which embedder, which file, and what does not fit together."""

import subprocess
import sys

import numpy as np
import pytest

import remanence
from remanence import config, doctor
from remanence.errors import (
    ConfigError,
    EmbedderMismatch,
    RemanenceError,
    StaleProjections,
    StoreReadOnly,
)
from remanence.text import words


def test_a_store_remembers_its_embedder(tmp_path):
    path = str(tmp_path / "a.db")
    remanence.open(path, embedder="hash:64").close()
    with remanence.open(path) as memory:
        assert memory.embedder.dim == 64


def test_another_embedder_is_refused_and_reembed_helps(tmp_path):
    path = str(tmp_path / "a.db")
    with remanence.open(path, embedder="hash:64") as memory:
        memory.remember([f"note {n} about cats" for n in range(20)], namespace="n")
    with pytest.raises(EmbedderMismatch, match="doctor --reembed --embedder SPEC`"):
        remanence.open(path, embedder="static")
    seen = []
    assert doctor.reembed(path, "static", progress=lambda done, of: seen.append((done, of))) == 20
    assert seen[-1] == (20, 20)
    with remanence.open(path) as memory:
        assert memory.embedder.name.startswith("static")
        assert len(memory.recall("cats", namespace="n", k=50)) == 20
        assert doctor.verify(memory).problems == ()


def test_a_memory_open_while_another_reembeds_says_so(tmp_path):
    path = str(tmp_path / "a.db")
    with remanence.open(path, embedder="hash:64") as memory:
        memory.remember("note", namespace="n")
        doctor.reembed(path, "hash:32")
        with pytest.raises(EmbedderMismatch, match="hash"):
            memory.recall("note", namespace="n")
        with pytest.raises(EmbedderMismatch, match="hash"):
            memory.remember("more", namespace="n")
    with remanence.open(path) as memory:
        assert [r.text for r in memory.recall("note", namespace="n")] == ["note"]


class Own:
    name, version, dim, scripts, centre = "own", "1", 4, frozenset({"*"}), None

    def embed(self, texts, kind):
        return np.full((len(texts), 4), 0.5, np.float32)


def test_an_embedder_of_ones_own_must_be_given_again(tmp_path):
    path = str(tmp_path / "a.db")
    remanence.open(path, embedder=Own()).close()
    with pytest.raises(ConfigError, match="pass it again as embedder="):
        remanence.open(path)
    remanence.open(path, embedder=Own()).close()


def test_terms_of_another_analyser_are_refused_and_rebuild_helps(tmp_path, monkeypatch):
    path = str(tmp_path / "a.db")
    with remanence.open(path, embedder="hash:64") as memory:
        memory.remember("note", namespace="n")
    monkeypatch.setattr(words, "VERSION", words.VERSION + "-next")
    with pytest.raises(StaleProjections, match="doctor --rebuild"):
        remanence.open(path)
    assert doctor.rebuild(path) == 1
    remanence.open(path).close()


def test_a_rebuild_is_equal_to_what_it_replaces(tmp_path):
    path = str(tmp_path / "a.db")
    with remanence.open(path) as memory:
        memory.remember(
            ["An English note.", "一条中文笔记。", "both 都有", "👍", "long " * 2000], namespace="n"
        )
        memory.remember("An English note, mended.", id="v", namespace="n")
        memory.remember("An English note, mended twice.", id="v", namespace="n")

        def projections():
            with memory.store.reading() as connection:
                return list(connection.all("SELECT * FROM projection ORDER BY id"))

        before = projections()
        doctor.rebuild(path)
        assert projections() == before
        assert len(memory.recall("note", namespace="n", k=50)) >= 3


def test_the_doctor_sees_what_is_missing_or_wrong(tmp_path):
    path = str(tmp_path / "a.db")
    with remanence.open(path, embedder="hash:64") as memory:
        memory.remember([f"note {n}" for n in range(9)], namespace="n")
        assert doctor.verify(memory).problems == ()
        memory.store.writing(lambda c: c.run("DELETE FROM projection WHERE id = 3"))
        memory.store.writing(lambda c: c.run("UPDATE projection SET terms = x'' WHERE id = 4"))
        first, second = doctor.verify(memory).problems
        assert "1 episodes are in no index" in first
        assert "1 of 8 sampled" in second
    doctor.rebuild(path)
    with remanence.open(path) as memory:
        report = doctor.verify(memory)
        assert report.problems == ()
        assert (report.episodes, report.namespaces) == (9, 1)


def test_a_readonly_memory_recalls_and_does_not_remember(tmp_path):
    path = str(tmp_path / "a.db")
    with remanence.open(path, embedder="hash:64") as memory:
        memory.remember("note", namespace="n")
    with remanence.open(path, readonly=True) as memory:
        assert len(memory.recall("note", namespace="n")) == 1
        with pytest.raises(StoreReadOnly, match="nothing was written"):
            memory.remember("more", namespace="n")


def test_an_encrypted_memory_works_with_its_key(tmp_path, monkeypatch):
    path = str(tmp_path / "a.db")
    monkeypatch.setenv(config.KEY, "correct horse")
    with remanence.open(path, embedder="hash:64") as memory:
        memory.remember("a very secret note", namespace="n")
        files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert not any(b"secret" in content for content in files)
    with remanence.open(path) as memory:
        assert len(memory.recall("secret", namespace="n")) == 1


@pytest.mark.parametrize(
    ("path", "options", "says"),
    [
        ("", {}, "path is empty"),
        ("a\0b.db", {}, "path=.* NUL"),
        (7, {}, "path is int"),
        (b"a.db", {}, "path is bytes"),
        ("a.db", {"key": ""}, "key= is empty"),
        ("a.db", {"key": "a\0b"}, "key= has a NUL"),
        ("a.db", {"timeout": float("nan")}, "timeout=nan"),
        ("a.db", {"timeout": float("inf")}, "timeout=inf"),
        ("a.db", {"timeout": -1}, "timeout=-1"),
        ("a.db", {"timeout": "30"}, "timeout='30'"),
    ],
)
def test_what_cannot_be_opened_is_named_before_a_file_is_made(
    tmp_path, monkeypatch, path, options, says
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=says):
        remanence.open(path, embedder="hash:64", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_path_may_be_an_object_and_an_unset_key_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv(config.KEY, "")
    with remanence.open(tmp_path / "a.db", embedder="hash:64", key=None, timeout=0) as memory:
        memory.remember("note")
    assert b"note" in (tmp_path / "a.db").read_bytes()


def test_a_memory_can_live_in_memory_only():
    with remanence.open(":memory:", embedder="hash:64") as memory:
        memory.remember("note")
        assert len(memory.recall("note")) == 1
        assert memory.forget(namespace="default", everything=True).wal == "none"
        assert memory.recall("note") == []


@pytest.mark.parametrize(
    "address", ["postgresql://me:hunter2@", "postgresql://me@/db?host=/nowhere&password=hunter2"]
)
def test_an_error_of_a_server_does_not_show_the_password(address):
    pytest.importorskip("psycopg_pool")
    with pytest.raises(RemanenceError) as caught:
        remanence.open(f"{address}" if "?" in address else f"{address}127.0.0.1:1/db")
    assert "hunter2" not in str(caught.value)


def test_the_default_path_is_the_environments_or_the_users(tmp_path, monkeypatch):
    monkeypatch.setenv(config.DB, "/elsewhere/x.db")
    assert config.database_path() == "/elsewhere/x.db"
    assert config.database_path("mine.db") == "mine.db"
    monkeypatch.delenv(config.DB)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert config.database_path() == str(tmp_path / "remanence" / "memory.db")
    assert (tmp_path / "remanence").is_dir()


def test_without_extraction_nothing_is_read_from_what_is_said_until_a_rebuild(tmp_path):
    path = str(tmp_path / "a.db")
    with remanence.open(path, extract=False) as memory:
        memory.remember("I live in Chengdu.", speaker="Wei", namespace="n")
        memory.learn("Wei", "works_for", "Lantern", namespace="n")
        assert [fact.relation for fact in memory.facts(namespace="n")] == ["works_for"]
    doctor.rebuild(path)
    with remanence.open(path) as memory:
        found = {fact.relation: fact.object for fact in memory.facts(namespace="n")}
        assert found == {"works_for": "Lantern", "lives_in": "Chengdu"}
        assert doctor.verify(memory).problems == ()


def test_opening_and_recalling_load_no_rules_of_extraction(tmp_path):
    path = str(tmp_path / "a.db")
    with remanence.open(path, embedder="hash:64") as memory:
        memory.remember("note", namespace="n")
    code = (
        "import sys, remanence; m = remanence.open(sys.argv[1]); m.recall('note', namespace='n');"
        "print('remanence.encoding.extraction' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_the_argument_of_the_arm_that_is_gone_is_taken_with_a_warning():
    with pytest.warns(DeprecationWarning, match="kin="):
        remanence.open(":memory:", embedder="hash:8", kin=True).close()
