"""`remanence consolidate`: what its options ask for, and what it says of a night."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from typer.testing import CliRunner

import remanence
from remanence.cli import app

SETTINGS = [
    "steps=1",
    "check=1",
    "sample_texts=4",
    "keep=0",
    "said=1",
    "new=0",
    "neighbours=0",
    "older=0",
    "general=9",
]


@pytest.mark.slow
def test_what_was_said_and_what_a_writer_wrote_is_told_by_the_command(local, tmp_path):
    local.model.save_pretrained(tmp_path / "model")
    local.tokenizer.save_pretrained(tmp_path / "model")
    with remanence.open(tmp_path / "m.db", embedder="hash:64") as memory:
        memory.learn("Pera", "lives_in", "Oslo")
        memory.remember("I like Lima", speaker="Perb", at="2025-01-01")
        memory.remember("I like Cairo", speaker="Perb", at="2025-01-02")
    reply = {"facts": [{"fact": 0, "questions": ["Where?"], "statements": []}]}
    command = [
        "consolidate",
        "--db",
        str(tmp_path / "m.db"),
        "--model",
        f"hf:{tmp_path / 'model'}#plain",
        "--episodes",
        "--writer",
        f"scripted:{json.dumps(reply)}",
        *(word for each in SETTINGS for word in ("--set", each)),
    ]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0, told.output
    assert "2 more, older ones" not in told.output and "1 more, older ones" in told.output
    assert "0 questions and statements by the writer; refused: 1 the subject is not in it" in (
        told.output
    )
    again = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    assert again["state"] == "unchanged" and again["unsaid"] == 1


@pytest.mark.parametrize("missing", ["torch", "transformers", "peft"])
def test_without_the_extra_it_says_what_to_install(tmp_path, missing):
    remanence.open(tmp_path / "m.db", embedder="hash:64").close()
    code = f"import sys; sys.modules[{missing!r}] = None; from remanence.cli import main; sys.argv[1:] = sys.argv[2:]; main()"
    command = ["consolidate", "--db", str(tmp_path / "m.db"), "--model", "hf:gpt2"]
    told = subprocess.run(
        [sys.executable, "-c", code, "remanence", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode != 0
    assert told.stderr == (
        f"error: teaching a model needs {missing}, which is not installed; pip install "
        f'"remanence[neural]"\n'
    )
