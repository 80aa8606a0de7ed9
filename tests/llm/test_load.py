"""Specs of models: which model one names, and what is said of one that cannot be."""

import pytest

from remanence import llm
from remanence.errors import ConfigError, ModelError
from remanence.llm.survey import survey


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("gpt", "unknown model 'gpt'"),
        ("ftp://host#m", "unknown model"),
        ("http://host/v1", "not URL#MODEL"),
        ("http:#m", "not URL#MODEL"),
        ("hf:", "not hf:PATH"),
        ("hf:x#fancy", "not hf:PATH"),
        ("hf:x#plain,8bit", "not hf:PATH"),
        ("hf:#4bit", "not hf:PATH"),
        ("scripted:", "nothing to say"),
        ("openai:", "names no model"),
        ("", "unknown model"),
    ],
)
def test_a_spec_that_names_nothing_says_how_to_write_one(spec, words):
    with pytest.raises(ConfigError, match=words):
        llm.load(spec)


@pytest.mark.parametrize("spec", ["hf:some/model", "hf:./mine#plain"])
def test_a_model_that_cannot_be_held_to_a_schema_is_not_even_loaded_for_one(spec):
    with pytest.raises(ConfigError, match="cannot be held to a schema; name a service"):
        llm.load(spec, structured=True)
    assert llm.load("scripted:{}", structured=True).name == "scripted"


def test_openai_without_a_key_says_which_variable_to_set(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        llm.load("openai:gpt")


def test_a_folder_without_a_model_is_said_to_have_none(tmp_path):
    pytest.importorskip("transformers")
    with pytest.raises(ModelError, match="no model can be loaded"):
        llm.load(f"hf:{tmp_path}")


def test_the_survey_tells_what_is_usable_and_what_each_needs(monkeypatch, tmp_path):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    there = tmp_path / "models--some--model" / "snapshots" / "1"
    there.mkdir(parents=True)
    (there / "config.json").write_text("{}")
    kinds = {kind.spec: kind for kind in survey()}
    assert kinds["(none)"].usable
    assert not kinds["openai:MODEL"].usable and "OPENAI_API_KEY" in kinds["openai:MODEL"].needs
    assert "hf:some/model" in kinds
