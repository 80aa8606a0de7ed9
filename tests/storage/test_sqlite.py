"""The SQLite store: transactions that are durable, shared, and each its own."""

import multiprocessing
import os
import signal
import sqlite3
import threading
from pathlib import Path

import apsw
import pytest

from remanence.errors import (
    NotAStore,
    StorageError,
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
    StoreFull,
    StoreReadOnly,
    StoreTooNew,
)
from remanence.storage.sqlite import SqliteEngine


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "store.db")


@pytest.fixture
def database(path):
    opened = SqliteEngine(path)
    yield opened
    opened.close()


def put(key, value="x"):
    def job(connection):
        connection.run("INSERT INTO meta (key, value) VALUES (:key, :value)", key=key, value=value)
        return key

    return job


def keys(database):
    with database.read() as connection:
        return {row[0] for row in connection.all("SELECT key FROM meta")}


def test_a_write_returns_what_its_job_returns(database):
    assert database.write(put("a")) == "a"
    assert keys(database) == {"a"}


def test_a_failing_job_leaves_nothing_behind(database):
    def job(connection):
        put("half")(connection)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.write(job)
    assert keys(database) == set()


def test_writers_that_share_a_commit_fail_alone(database):
    """Of forty writers at once, every third one breaks a constraint; the others are all kept."""
    database.write(put("taken"))
    barrier = threading.Barrier(40)
    failed = []

    def write(number):
        barrier.wait()
        try:
            database.write(put("taken" if number % 3 == 0 else f"k{number}"))
        except StorageError:
            failed.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(failed) == [n for n in range(40) if n % 3 == 0]
    assert keys(database) == {"taken"} | {f"k{n}" for n in range(40) if n % 3}


def test_waiting_writers_share_one_commit(database):
    """While one commit is under way the next writers queue; they then go in together."""
    commits = []
    database._writer.set_commit_hook(lambda: bool(commits.append(1)))
    inside, go = threading.Event(), threading.Event()

    def slow(connection):
        inside.set()
        go.wait(10)

    first = threading.Thread(target=database.write, args=(slow,))
    first.start()
    inside.wait(10)
    others = [threading.Thread(target=database.write, args=(put(f"k{n}"),)) for n in range(20)]
    for thread in others:
        thread.start()
    while len(database._commits._queue) < 20:
        threading.Event().wait(0.001)
    go.set()
    for thread in [first, *others]:
        thread.join()
    assert len(keys(database)) == 20
    assert len(commits) == 2  # the slow one, and the twenty together


def test_a_snapshot_does_not_see_later_writes(database):
    with database.read() as connection:
        before = connection.all("SELECT count(*) FROM meta")
        database.write(put("later"))
        assert connection.all("SELECT count(*) FROM meta") == before
    assert keys(database) == {"later"}


def test_a_query_left_unfinished_holds_no_later_snapshot(database):
    for key in "abc":
        database.write(put(key))
    with database.read() as connection:
        rows = connection.each("SELECT key FROM meta")
        next(rows)  # and no further, as who stops when he has enough
    assert database.write(put("d")) == "d"
    assert keys(database) == set("abcd")
    assert database.erase() == "emptied"
    del rows


def test_commits_are_synced_and_deletions_zeroed(database):
    with database.read() as connection:
        assert connection.one("PRAGMA journal_mode") == ("wal",)
        assert connection.one("PRAGMA synchronous") == (2,)  # FULL
    assert next(database._writer.execute("PRAGMA synchronous")) == (2,)
    assert next(database._writer.execute("PRAGMA secure_delete")) == (1,)


def test_a_text_file_is_no_store(path):
    with open(path, "w") as file:
        file.write("Dear diary, " * 1000)
    with pytest.raises(NotAStore, match="no Remanence database"):
        SqliteEngine(path)


def test_another_programs_database_is_left_alone(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    content = Path(path).read_bytes()
    with pytest.raises(NotAStore, match="not one of Remanence"):
        SqliteEngine(path)
    assert Path(path).read_bytes() == content


def test_a_newer_schema_asks_for_an_upgrade(path):
    SqliteEngine(path).close()
    connection = apsw.Connection(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(StoreTooNew, match="schema 999.*upgrade remanence"):
        SqliteEngine(path)


def test_a_damaged_file_says_so(path):
    database = SqliteEngine(path)
    for number in range(200):
        database.write(put(f"key{number}", "x" * 500))
    database.close()
    with open(path, "r+b") as file:
        file.seek(4096 * 4)
        file.write(os.urandom(4096 * 20))
    with pytest.raises(StoreCorrupt, match="damaged"):
        damaged = SqliteEngine(path)
        try:
            keys(damaged)
        finally:
            damaged.close()


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StorageError, match="is a folder"):
        SqliteEngine(str(tmp_path))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StorageError, match="folder exists"):
        SqliteEngine(str(tmp_path / "nowhere" / "store.db"))


def test_a_readonly_store_reads_and_refuses_to_write(path):
    database = SqliteEngine(path)
    database.write(put("a"))
    database.close()
    readonly = SqliteEngine(path, readonly=True)
    assert keys(readonly) == {"a"}
    with pytest.raises(StoreReadOnly, match="read-only; nothing was written"):
        readonly.write(put("b"))
    readonly.close()


def test_a_full_disk_is_an_error_and_loses_nothing(database):
    """The engine's page limit stands in for the disk's: both raise SQLITE_FULL."""
    database.write(put("kept"))
    (pages,) = next(database._writer.execute("PRAGMA page_count"))
    database._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreFull, match="disk is full"):
        database.write(put("large", "x" * 1_000_000))
    database._writer.execute("PRAGMA max_page_count = 1000000")
    assert keys(database) == {"kept"}
    database.write(put("after"))
    assert keys(database) == {"kept", "after"}


def test_a_full_disk_fails_everyone_in_the_group(database):
    (pages,) = next(database._writer.execute("PRAGMA page_count"))
    database._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    errors = []

    def write(number):
        try:
            database.write(put(f"k{number}", "x" * 100_000))
        except StoreFull as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 8
    assert keys(database) == set()


def test_a_lock_held_elsewhere_is_waited_for_and_then_named(path, database):
    other = apsw.Connection(path)
    other.execute("BEGIN IMMEDIATE")
    impatient = SqliteEngine(path, timeout=0.05)
    with pytest.raises(StoreBusy, match="longer timeout"):
        impatient.write(put("a"))
    other.execute("ROLLBACK")
    impatient.write(put("a"))
    impatient.close()
    other.close()


def test_a_closed_store_says_so_and_closes_twice(path):
    database = SqliteEngine(path)
    database.close()
    database.close()
    with pytest.raises(StoreClosed, match="open it again"):
        keys(database)


def _in_child(database, answers):
    try:
        keys(database)
    except StoreClosed as error:
        answers.put(str(error))
    else:
        answers.put("read on")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_is_told_to_open_its_own(database):
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=_in_child, args=(database, answers))
    child.start()
    assert "call remanence.open in the child" in answers.get(timeout=30)
    child.join()


def test_an_encrypted_file_shows_nothing_and_opens_with_its_key_only(path):
    database = SqliteEngine(path, key="it's a secret")
    database.write(put("visible-word"))
    wal = Path(path + "-wal").read_bytes()
    database.close()
    assert b"visible-word" not in Path(path).read_bytes() + wal
    assert b"SQLite format" not in Path(path).read_bytes()
    with pytest.raises(NotAStore, match="key is wrong or missing"):
        SqliteEngine(path)
    with pytest.raises(NotAStore, match="key is wrong or missing"):
        SqliteEngine(path, key="guess")
    again = SqliteEngine(path, key="it's a secret")
    assert keys(again) == {"visible-word"}
    again.close()


def test_the_wal_is_emptied_by_erase(path, database):
    database.write(put("a"))
    assert os.path.getsize(path + "-wal") > 0
    assert database.erase() == "emptied"
    assert os.path.getsize(path + "-wal") == 0


def test_erase_says_when_a_reader_keeps_the_wal(path, database):
    other = apsw.Connection(path)
    database.write(put("a"))
    other.execute("BEGIN")
    list(other.execute("SELECT * FROM meta"))
    database.write(put("b"))
    assert database.erase(wait=0.02) == "pending"
    other.close()
    assert database.erase() == "emptied"


class Interrupted(BaseException):
    """Stands for KeyboardInterrupt, which pytest would take for itself."""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX timers")
def test_an_interrupted_waiter_leaves_the_queue_working(database):
    """The second writer is interrupted while it waits to be next;

    whoever comes later still writes.
    """
    inside, go = threading.Event(), threading.Event()

    def slow(connection):
        inside.set()
        go.wait(10)

    def interrupt(number, frame):
        raise Interrupted

    first = threading.Thread(target=database.write, args=(slow,))
    first.start()
    inside.wait(10)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Interrupted):
            database.write(put("abandoned"))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    go.set()
    first.join(10)
    later = threading.Thread(target=database.write, args=(put("later"),), daemon=True)
    later.start()
    later.join(10)
    assert not later.is_alive()
    assert keys(database) == {"later"}


def test_an_interrupt_of_the_leader_is_nobody_elses(database):
    """Who leads is interrupted inside the commit; who followed gets a plain error and can go on."""
    inside, go, errors = threading.Event(), threading.Event(), []

    def slow(connection):
        inside.set()
        go.wait(10)

    def interrupted(connection):
        raise Interrupted

    def write(job):
        try:
            database.write(job)
        except BaseException as error:
            errors.append(type(error))

    jobs = [slow, interrupted, put("follower")]
    threads = [threading.Thread(target=write, args=(job,)) for job in jobs]
    threads[0].start()
    inside.wait(10)
    for number, thread in enumerate(threads[1:], start=1):
        thread.start()
        while len(database._commits._queue) < number:
            threading.Event().wait(0.001)
    go.set()
    for thread in threads:
        thread.join(10)
    assert {error.__name__ for error in errors} == {"Interrupted", "StorageError"}
    database.write(put("after"))
    assert keys(database) == {"after"}
