"""Survey of the models that can be used here, and of what the others need; nothing is loaded or
requested.
"""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from remanence import config


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to name a model.

    usable: with what is installed and set now. needs: what is missing, "" where nothing is.
    """

    spec: str
    what: str
    usable: bool
    needs: str = ""


def _missing(extra: str, *modules: str) -> str:
    """Return the command that installs an extra; empty where its modules are there."""
    return "" if all(map(find_spec, modules)) else f'pip install "remanence[{extra}]"'


def survey() -> list[Kind]:
    """Every kind of spec, then the models in the local cache of transformers."""
    sdk = _missing("llm", "openai")
    local = _missing("neural", "torch", "transformers")
    four = local or _missing("quantized", "bitsandbytes")
    key = "" if os.environ.get("OPENAI_API_KEY") else "set OPENAI_API_KEY"
    wants_key = (
        ""
        if config.setting(config.LLM_KEY)
        else f"; a service that wants a key: set {config.LLM_KEY}"
    )
    kinds = [
        Kind("(none)", "answers quoted from memory, cited; no model", usable=True),
        Kind(
            "http://HOST/v1#MODEL", f"any service with OpenAI's interface{wants_key}", not sdk, sdk
        ),
        Kind("openai:MODEL", "OpenAI's own service", not (sdk or key), sdk or key),
        Kind(
            "hf:PATH", "a model of transformers in a folder, with a chat template", not local, local
        ),
        Kind("hf:PATH#plain", "the same, without one; encoder-decoder models", not local, local),
        Kind("hf:PATH#4bit", "the same, in four bits a weight; also #plain,4bit", not four, four),
        Kind("scripted:TEXT", "says TEXT; for tests", usable=True),
    ]
    return kinds + [Kind(f"hf:{name}", "in the local cache", not local, local) for name in cached()]


def cached() -> list[str]:
    """Names of models in the local cache of transformers."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    hub = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    if not hub.is_dir():
        return []
    found = (
        each.name for each in hub.glob("models--*") if any(each.glob("snapshots/*/config.json"))
    )
    return sorted(name.removeprefix("models--").replace("--", "/") for name in found)
