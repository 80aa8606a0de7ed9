"""What only a process of its own can show: pipes, signals, terminals, start-up."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import remanence

HEAVY = ("numpy", "apsw", "jieba", "Stemmer", "remanence.memory")


def test_help_imports_nothing_heavy(process):
    """Start-up is counted in imports, not in seconds: those depend on the machine."""
    code = (
        "import atexit, sys; sys.argv = ['remanence', '--help']\n"
        f"atexit.register(lambda: print([m for m in {HEAVY!r} if m in sys.modules]))\n"
        "from remanence.cli import main; main()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_chinese_passes_through_pipes_in_any_locale(process):
    plain = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    }
    told, errors = process("remember", "-", "--json", env=plain).communicate(
        "早上喝龙井茶".encode()
    )
    assert errors == b""
    assert "早上喝龙井茶" in told.decode()
    found, _ = process("recall", "龙井", env=plain).communicate()
    assert found.decode().rstrip("\n").endswith("早上喝龙井茶")


@pytest.mark.slow
def test_a_reader_that_goes_away_ends_it_quietly(process, store):
    with remanence.open(str(store)) as memory:
        memory.remember([f"tea number {n} " + "x" * 200 for n in range(3_000)])
    running = process("export")
    running.stdout.read(100)
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait() == 141
    running.stdin.close()
    running.stderr.close()


@pytest.mark.slow
def test_an_interrupt_is_exit_code_130(process, request):
    # Who runs tests in the background of a shell ignores interrupts, and so would a child; a
    # handler is not handed on.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    running = process("import", "-")
    running.stdin.write(b'{"text": "tea"}\n')
    running.stdin.flush()
    while not Path(
        os.environ["REMANENCE_DB"]
    ).exists():  # it is running by then, and waits for more
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    told, errors = running.communicate()
    assert (running.returncode, told) == (130, b"")
    assert b"Traceback" not in errors


def on_a_terminal(process, *arguments, typed=b""):
    """(exit code, what the screen shows) of a command whose three streams are a terminal."""
    import pty

    outer, inner = pty.openpty()
    running = process(*arguments, stdin=inner, stdout=inner, stderr=inner, env={"COLUMNS": "100"})
    os.close(inner)
    os.write(outer, typed)
    screen = b""
    try:
        while piece := os.read(outer, 4096):
            screen += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(outer)
    return running.wait(), screen.decode()


posix = pytest.mark.skipif(sys.platform == "win32", reason="terminals are opened differently there")


@pytest.mark.slow
@posix
def test_a_terminal_gets_a_table_with_bars(process, store):
    with remanence.open(str(store)) as memory:
        memory.remember("早上喝龙井茶", id="m1", speaker="小伟", at="2025-03-20")
    code, screen = on_a_terminal(process, "recall", "龙井茶", "--why")
    assert code == 0
    for shown in ("score", "speaker", "m1", "2025-03-20", "小伟", "早上喝龙井茶", "█", "lexical="):
        assert shown in screen


@posix
@pytest.mark.parametrize(("typed", "code", "left"), [(b"n\n", 1, 1), (b"y\n", 0, 0)])
def test_forgetting_asks_on_a_terminal(process, store, typed, code, left):
    with remanence.open(str(store)) as memory:
        memory.remember("a secret", id="m1")
    ended, screen = on_a_terminal(process, "forget", "--id", "m1", typed=typed)
    assert ended == code
    assert "a secret" in screen
    with remanence.open(str(store)) as memory:
        assert len(memory.recall("secret")) == left


@posix
def test_yes_does_not_ask(process, store):
    with remanence.open(str(store)) as memory:
        memory.remember("a secret", id="m1")
    code, screen = on_a_terminal(process, "forget", "--id", "m1", "--yes")
    assert code == 0
    assert "forgot 1 episode" in screen


@pytest.mark.slow
@posix
def test_a_terminal_gets_facts_as_a_table_with_the_long_part_last(process, store):
    with remanence.open(str(store)) as memory:
        memory.learn("小伟", "lives_in", "成都", valid_from="2025-03-01", id="f1")
        memory.learn("小伟", "likes", "tea " * 60, id="f2")
    code, screen = on_a_terminal(process, "facts")
    assert code == 0
    for shown in ("from", "until", "sources", "2025-03-01", "f1", "小伟 lives_in 成都"):
        assert shown in screen
    assert screen.count("tea") == 60
