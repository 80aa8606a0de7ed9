"""The proxy's benchmarks run, and what they say holds in small as it does in large;

their controls fail, as they must.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "proxy.py"


def run(part):
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), part, "--quick", "--json"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["rows"]


def test_no_chat_fails_while_memory_does_and_a_failed_chat_would_be_seen():
    *faults, alone, dying = run("faults")
    assert all(row["chats failed"] == 0 and row["faults"] >= row["chats"] for row in faults)
    assert alone["chats failed"] == alone["chats"]
    assert dying["chats failed"] == dying["chats"]


def test_with_memory_off_nothing_changes_and_a_change_would_be_seen():
    off, read = run("identity")
    assert (off["requests changed"], off["answers changed"]) == (0, 0)
    assert read["requests changed"] > 0
