"""The values a memory is made of:

checked when they are made, the same after JSON, told apart by a fingerprint.
"""

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from remanence.errors import ConfigError
from remanence.neural import configs
from remanence.neural.configs import CONFIGS, DynamicMemoryConfig, GatedMemoryConfig


@pytest.fixture(params=CONFIGS)
def kind(request):
    return CONFIGS[request.param]


def test_a_config_is_the_same_after_json(kind):
    config = kind(layers=(0, -1))
    assert configs.read(json.loads(json.dumps(config.as_json()))) == config
    assert configs.read(config.as_json()).fingerprint() == config.fingerprint()


def test_every_value_is_in_the_fingerprint(kind):
    """A session's file is bound to it: no two memories may share one."""
    config = kind()
    found = {config.fingerprint(), replace(config, layers=(1,)).fingerprint()}
    numbers = [f for f in fields(kind) if f.name != "layers"]
    for field in numbers:
        value = getattr(config, field.name)
        found.add(
            replace(
                config, **{field.name: not value if value is True or value is False else value + 1}
            ).fingerprint()
        )
    assert len(found) == len(numbers) + 2
    assert all(len(each) == 16 for each in found)


def test_kinds_are_told_apart():
    assert len({kind().fingerprint() for kind in CONFIGS.values()}) == len(CONFIGS)


def test_a_config_does_not_change(kind):
    with pytest.raises(FrozenInstanceError):
        kind().layers = (1,)


def test_numbers_below_one_or_of_another_kind_are_refused(kind):
    numbers = [f.name for f in fields(kind) if type(f.default) is int]
    assert numbers
    for name in numbers:
        for value in (0, -1, 2.0, "3", True):
            with pytest.raises(ConfigError, match=f"{name}={value!r}"):
                kind(**{name: value})


@pytest.mark.parametrize("layers", [(), (1, 1), (0, 1.5), (True,), ("3",), 3, "03", None])
def test_layers_that_name_nothing_or_one_twice_are_refused(layers):
    with pytest.raises(ConfigError, match="layers="):
        GatedMemoryConfig(layers=layers)


def test_a_switch_is_on_or_off():
    with pytest.raises(ConfigError, match="erases='no'"):
        DynamicMemoryConfig(erases="no")


def test_layers_may_come_as_a_list():
    assert GatedMemoryConfig(layers=[3, 6]).layers == (3, 6)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "sparse"}, "kind='sparse'"),
        ({}, "kind=None"),
        ({"kind": ["gated"]}, "kind="),
        ({"kind": "gated", "slots": 3, "depth": 1}, "has no depth, slots"),
        ({"kind": "gated", "cells": 0}, "cells=0"),
    ],
)
def test_what_no_memory_wrote_is_refused_with_the_value(values, words):
    with pytest.raises(ConfigError, match=words):
        configs.read(values)


def test_configs_need_no_torch():
    code = "import sys; import remanence.neural.configs; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
