"""Damage is found when it is read, never passed on; what can still be read is brought out."""

import json
import random
import sqlite3
import subprocess
import sys

import pytest

import remanence
from remanence import doctor
from remanence.errors import RemanenceError, StorageError, StoreCorrupt

TEXTS = {
    f"e{n}": f"episode {n} of the river Min, tea number {n * n}, \u5c0f\u96e8" for n in range(300)
}


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.db"
    with remanence.open(path, embedder="hash:16") as memory:
        turns = [remanence.Turn(text, id=id, speaker="Zo\u00eb") for id, text in TEXTS.items()]
        memory.remember(turns, namespace="wei")
        memory.learn("Wei", "likes", "tea", namespace="wei")
    return path


def change(path, sql):
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "column", ["text = text || '!'", "speaker = 'Eve'", "at = at + 1", "metadata = '{'"]
)
def test_a_row_that_differs_from_its_checksum_is_refused_by_every_reader(sound, column):
    change(sound, f"UPDATE episode SET {column} WHERE source = 'e7'")
    with remanence.open(sound) as memory:
        with pytest.raises(StoreCorrupt, match="doctor --salvage"):
            memory.recall("episode 7 of the river", namespace="wei", k=400)
        assert any("checksum" in problem for problem in doctor.verify(memory).problems)


def test_a_statement_that_differs_from_its_checksum_is_refused(sound):
    change(sound, "UPDATE candidate SET body = replace(body, 'tea', 'gin')")
    with remanence.open(sound) as memory:
        with pytest.raises(StoreCorrupt, match="states"):
            memory.facts(namespace="wei")
        assert any("states" in problem for problem in doctor.verify(memory).problems)


@pytest.mark.slow
def test_no_flipped_bit_alters_a_text_unnoticed_or_ends_in_a_bare_error(sound, tmp_path):
    whole, rng = sound.read_bytes(), random.Random(7)
    path = tmp_path / "flipped.db"
    for _ in range(60):
        data = bytearray(whole)
        data[rng.randrange(100, len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        try:
            with remanence.open(path) as memory:
                found = memory.recall("river Min tea episode", namespace="wei", k=400)
                assert all(TEXTS.get(r.id, r.text) == r.text for r in found)
        except RemanenceError:
            pass  # found, and said


def test_what_can_still_be_read_is_brought_out_and_read_back(sound, tmp_path):
    data = bytearray(sound.read_bytes())
    place = data.rindex(b"episode 150 of")
    data[place // 4096 * 4096 : place // 4096 * 4096 + 64] = bytes(64)
    broken, out = tmp_path / "broken.db", tmp_path / "out.jsonl"
    broken.write_bytes(data)
    found = doctor.salvage(str(broken), out)
    said = {
        row["id"]: row["text"]
        for row in map(json.loads, out.read_text(encoding="utf-8").splitlines())
    }
    assert found.unreadable > 0
    assert 250 < found.episodes == len(said)
    assert all(TEXTS.get(id, text) == text for id, text in said.items())


def test_a_backup_of_an_open_store_is_whole_where_a_plain_copy_is_not(tmp_path):
    path, copy = tmp_path / "open.db", tmp_path / "copy.db"
    with remanence.open(path, embedder="hash:16") as memory:
        memory.remember("still in the log", namespace="wei")
        assert doctor.backup(str(path), str(copy)) == 1
        memory.remember("later", namespace="wei")
    with remanence.open(copy) as memory:
        assert [r.text for r in memory.recall("log", namespace="wei")] == ["still in the log"]
    with pytest.raises(StorageError, match="exists already"):
        doctor.backup(str(path), str(copy))


def test_a_backup_of_an_encrypted_store_is_encrypted(tmp_path):
    path, copy = tmp_path / "a.db", tmp_path / "b.db"
    with remanence.open(path, embedder="hash:16", key="secret") as memory:
        memory.remember("a hidden word", namespace="wei")
    doctor.backup(str(path), str(copy), key="secret")
    assert b"hidden" not in copy.read_bytes()
    with remanence.open(copy, key="secret") as memory:
        assert len(memory.recall("hidden", namespace="wei")) == 1


def test_a_damaged_store_leaves_no_backup_behind(sound, tmp_path):
    change(sound, "UPDATE episode SET text = text || '!' WHERE source = 'e7'")
    with pytest.raises(StoreCorrupt, match="no copy was kept"):
        doctor.backup(str(sound), str(tmp_path / "copy.db"))
    assert not (tmp_path / "copy.db").exists()


def test_a_store_on_a_read_only_medium_opens_to_be_read(sound, monkeypatch):
    from remanence.storage.sqlite import SqliteEngine

    monkeypatch.setattr(SqliteEngine, "_is_on_read_only_media", lambda self: True)
    with remanence.open(sound, readonly=True) as memory:
        assert memory.recall("episode 7 of", namespace="wei", k=3)
    assert not sound.with_name(sound.name + "-shm").exists()


def test_output_that_cannot_be_written_is_an_error_in_a_line(sound):
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "remanence", "export", "--db", str(sound)],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ran.returncode != 0
    assert ran.stderr.decode().startswith("error: the output cannot be written")
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("spelling", ["Zo\u00eb", "Zoe\u0308"])
def test_a_speaker_is_forgotten_by_either_spelling_of_one_name(sound, spelling):
    with remanence.open(sound) as memory:
        assert memory.forget(namespace="wei", speaker=spelling).episodes == len(TEXTS)
