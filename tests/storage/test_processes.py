"""Many processes, one file:

nobody loses a write, everybody sees it, a killed writer harms no one.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import remanence
from remanence import doctor

# Writes until told to stop or killed, and reports each id after `remember` has returned.
WRITER = """
import sys, remanence
path, name, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
with remanence.open(path, embedder="hash:16") as memory:
    print("ready", flush=True)
    for n in range(turns):
        memory.remember(f"note {n} by {name}", id=f"{name}-{n}", namespace="n")
        print(f"{name}-{n}", flush=True)
"""


def writer(path, name, turns):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, path, name, str(turns)], stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def path(tmp_path):
    path = str(tmp_path / "shared.db")
    remanence.open(path, embedder="hash:16").close()
    return path


def remembered(path):
    with remanence.open(path) as memory:
        assert doctor.verify(memory).problems == ()
        return {item.id: item.text for item in memory.recall("note", namespace="n", k=10**6)}


def test_writers_in_four_processes_lose_nothing(path):
    writers = [writer(path, f"w{n}", 40) for n in range(4)]
    outputs = [each.communicate(timeout=120)[0].split() for each in writers]
    assert [each.returncode for each in writers] == [0] * 4
    acknowledged = {id for output in outputs for id in output if id != "ready"}
    assert len(acknowledged) == 160
    assert set(remembered(path)) == acknowledged


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_what_a_killed_writer_was_told_is_kept_is_kept(path):
    """Two writers are killed in the middle of writing, three times over."""
    acknowledged: set[str] = set()
    for cycle in range(3):
        writers = [writer(path, f"c{cycle}w{n}", 10**6) for n in range(2)]
        for each in writers:
            assert each.stdout.readline() == "ready\n"
            for _ in range(10 + 7 * cycle):
                acknowledged.add(each.stdout.readline().strip())
        for each in writers:
            each.kill()
        for each in writers:
            acknowledged.update(line for line in each.communicate()[0].split("\n")[:-1] if line)
        kept = remembered(path)
        assert acknowledged - set(kept) == set()
        assert all(
            kept[id] == f"note {id.split('-')[1]} by {id.split('-')[0]}" for id in acknowledged
        )


def test_an_open_reader_follows_a_writing_process(path):
    with remanence.open(path) as memory:
        seen = 0
        with writer(path, "w", 25) as process:
            for line in process.stdout:
                if line.strip() != "ready":
                    found = {item.id for item in memory.recall("note", namespace="n", k=1000)}
                    assert line.strip() in found
                    seen += 1
        assert seen == 25


def test_forgetting_waits_for_no_reader_and_says_what_is_pending(path):
    """Another process holds a snapshot:

    the words are gone from every read, the log is emptied later.
    """
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, apsw\n"
            "c = apsw.Connection(sys.argv[1]); c.execute('BEGIN')\n"
            "list(c.execute('SELECT count(*) FROM episode'))\n"
            "print('holding', flush=True); sys.stdin.read()",
            path,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with remanence.open(path) as memory:
        memory.remember("the zqxwsecret word", id="s", namespace="n")
        assert holder.stdout.readline() == "holding\n"
        memory.remember("another", id="t", namespace="n")
        receipt = memory.forget(namespace="n", id="s")
        assert receipt.wal == "pending"
        assert [item.id for item in memory.recall("zqxwsecret", namespace="n")] == ["t"]
        holder.communicate()
        memory.remember("the next write empties it", id="u", namespace="n")
        assert not any(b"zqxwsecret" in file.read_bytes() for file in Path(path).parent.iterdir())
    assert not any(b"zqxwsecret" in file.read_bytes() for file in Path(path).parent.iterdir())


@pytest.mark.slow
def test_processes_that_make_the_store_at_the_same_moment_all_get_it(tmp_path):
    path = str(tmp_path / "new.db")
    writers = [writer(path, f"w{n}", 3) for n in range(8)]
    for each in writers:
        each.communicate(timeout=120)
    assert [each.returncode for each in writers] == [0] * 8
    assert len(remembered(path)) == 24
