"""A file is the old one or the new one, whoever is killed, interrupted or in a hurry."""

import errno
import os
import signal
import subprocess
import sys
import threading

import pytest

from remanence import durable

KILLED = """
import os, signal, sys
from pathlib import Path
from remanence import durable

with durable.replacing(Path(sys.argv[1])) as beside:
    beside.write_bytes(b"new, and all of it")
    beside.with_name("what a library puts beside it").write_bytes(b"new")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(path):
    assert subprocess.run([sys.executable, "-c", KILLED, path]).returncode == -signal.SIGKILL


def names(folder):
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("content", [b"", b"a", bytes(range(256)) * 4099])
def test_a_file_is_what_was_written_with_nothing_beside_it(tmp_path, content):
    path = tmp_path / "a.bin"
    durable.write(path, b"the last one, longer or not")
    durable.write(path, content)
    assert path.read_bytes() == content
    assert names(tmp_path) == ["a.bin"]


def test_who_is_killed_before_the_end_leaves_the_old_file_and_the_next_write_takes_the_rest_away(
    tmp_path,
):
    path = tmp_path / "a.bin"
    durable.write(path, b"old")
    killed(path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin", "a.bin.writing"]
    durable.write(path, b"newer")
    assert path.read_bytes() == b"newer"
    assert names(tmp_path) == ["a.bin"]


def test_removing_a_file_removes_what_a_killed_write_left(tmp_path):
    path = tmp_path / "a.bin"
    killed(path)
    assert names(tmp_path) == ["a.bin.writing"]
    assert durable.unfinished(path).exists()
    durable.remove(path)
    durable.write(path, b"again")
    durable.remove(path)
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_error_halfway_leaves_the_old_file_alone(tmp_path, error):
    path = tmp_path / "a.bin"
    durable.write(path, b"old")
    with pytest.raises(error), durable.replacing(path) as beside:
        beside.write_bytes(b"half")
        raise error
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_writing_nothing_where_one_was_told_to_is_an_error(tmp_path):
    path = tmp_path / "a.bin"
    durable.write(path, b"old")
    with pytest.raises(FileNotFoundError), durable.replacing(path):
        pass
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    "name",
    [
        "no suffix",
        "记忆.safetensors",
        "[a]*?.bin",
        "-rf",
        ".hidden",
        "a\nb",
        "a.writing",
        "x" * 247,
    ],
    ids=range(8),
)
def test_a_file_may_have_any_name(tmp_path, name):
    path = tmp_path / name
    killed(path)
    durable.write(path, b"one")
    with durable.replacing(path) as beside:
        assert beside.suffix == path.suffix, "what writes by the suffix finds it"
        beside.write_bytes(b"two")
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == [name]


def test_the_mode_is_that_which_was_asked_for(tmp_path):
    before = os.umask(0o022)
    try:
        durable.write(tmp_path / "mine", b"", mode=0o600)
        durable.write(tmp_path / "all", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "all").stat().st_mode & 0o777 == 0o644


def test_a_file_that_is_mapped_stays_what_it_was_to_whoever_maps_it(tmp_path):
    path = tmp_path / "a.bin"
    durable.write(path, b"old")
    with path.open("rb") as reader:
        durable.write(path, b"new")
        assert reader.read() == b"old"


@pytest.mark.parametrize("locks", [True, False])
def test_two_who_write_one_file_do_not_mix(tmp_path, locks, monkeypatch):
    if not locks:

        def refuse(*_):
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr("fcntl.flock", refuse)
    path = tmp_path / "a.bin"
    wanted = [bytes([each]) * 50_001 for each in range(4)]
    durable.write(path, wanted[0])
    failed = []

    def write(content):
        for _ in range(10):
            try:
                durable.write(path, content)
            except OSError as error:
                failed.append(error)
            if path.read_bytes() not in wanted:
                failed.append(AssertionError("neither one nor the other"))

    threads = [threading.Thread(target=write, args=(each,)) for each in wanted]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not [each for each in failed if locks or not isinstance(each, OSError)]
    durable.write(path, wanted[1])
    assert path.read_bytes() == wanted[1]
    assert names(tmp_path) == ["a.bin"]


def test_who_comes_second_waits_for_the_first(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "a.bin"
    second = threading.Thread(target=durable.write, args=(path, b"second"))
    with durable.replacing(path) as beside:
        folder = os.open(durable.unfinished(path), os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(folder)
        second.start()
        beside.write_bytes(b"first")
    second.join()
    assert path.read_bytes() == b"second"


def test_a_place_that_takes_no_file_says_so_and_nothing_is_left(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    for name, error in (
        ("absent/a", FileNotFoundError),
        ("file/a", NotADirectoryError),
        ("folder", OSError),
    ):
        with pytest.raises(error, match=name.split("/")[0]):
            durable.write(tmp_path / name, b"x")
    assert names(tmp_path) == ["file", "folder"]


READ_ONLY = """
import os, sys
from pathlib import Path
from remanence import durable

if os.getuid() == 0:
    os.setuid(65534)  # root writes anywhere
try:
    durable.write(Path("a.bin"), b"new")
except PermissionError as error:
    print(error)
"""


def test_a_folder_that_is_read_only_says_so(tmp_path):
    durable.write(tmp_path / "a.bin", b"old")
    tmp_path.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY], cwd=tmp_path, capture_output=True, text=True
    )
    tmp_path.chmod(0o755)
    assert "Permission denied" in done.stdout, done.stderr
    assert "a.bin" in done.stdout
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]
