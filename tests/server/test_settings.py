"""Settings: from arguments, then the environment, then defaults;

what cannot be meant is refused.
"""

from dataclasses import fields

import pytest

from remanence.errors import ConfigError
from remanence.server import settings
from remanence.server.settings import Settings, environment, load


def test_arguments_stand_before_the_environment_and_that_before_defaults():
    environ = {"REMANENCE_PORT": "1", "REMANENCE_HOST": "localhost", "REMANENCE_RATE": "0.5"}
    found = load(environ, port=2)
    assert (found.port, found.host, found.rate, found.workers) == (2, "localhost", 0.5, 1)


def test_the_environment_of_the_sdks_is_read_where_ours_is_not_set():
    environ = {"OPENAI_BASE_URL": "http://a/v1", "ANTHROPIC_API_KEY": "k"}
    assert (load(environ).openai_url, load(environ).anthropic_key) == ("http://a/v1", "k")
    assert load({**environ, "REMANENCE_OPENAI_URL": "http://b/v1"}).openai_url == "http://b/v1"


def test_a_worker_is_told_exactly_these_settings():
    chosen = load({}, port=9, allowed_hosts=("a", "b"), rate=2.5, log="off", audit="all")
    assert load(environment(chosen)) == chosen


@pytest.mark.parametrize(
    "given",
    [
        {"port": 70_000},
        {"port": -1},
        {"workers": 0},
        {"threads": 0},
        {"rate": float("nan")},
        {"rate": -1.0},
        {"burst": 0},
        {"max_body": 0},
        {"audit": "some"},
        {"log": "text"},
        {"openai_url": "ftp://x"},
        {"anthropic_url": "魏"},
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_name(given):
    (name,) = given
    with pytest.raises(ConfigError, match=name):
        load({}, **given)


def test_a_variable_that_is_no_number_is_refused_with_its_name():
    with pytest.raises(ConfigError, match="REMANENCE_PORT"):
        load({"REMANENCE_PORT": "八"})


def test_the_hosts_answered_to_are_loopback_its_own_and_those_allowed():
    assert load({}, host="box.lan", allowed_hosts=("Memory.Example", "[fd00::1]")).hosts == {
        "127.0.0.1",
        "localhost",
        "::1",
        "box.lan",
        "memory.example",
        "fd00::1",
    }
    assert "::" not in load({}, host="::").hosts


def test_every_setting_is_described():
    from pathlib import Path

    told = (Path(settings.__file__).parents[3] / "docs" / "server.md").read_text(encoding="utf-8")
    assert not [field.name for field in fields(Settings) if f"`{field.name}`" not in told]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8765/openai/v1", "http://LOCALHOST:8765/openai/v1", "http://[::1]:8765"],
)
def test_an_upstream_that_is_the_service_itself_is_refused(url):
    """What a shell exports for clients would send every chat round for ever."""
    with pytest.raises(ConfigError, match="openai_url.*itself.*OPENAI_BASE_URL"):
        load({"OPENAI_BASE_URL": url})
    assert load({"OPENAI_BASE_URL": url}, port=8000).openai_url == url.removesuffix("/v1") + "/v1"


def test_a_key_of_the_service_is_no_provider_s_and_none_is_shown():
    with pytest.raises(ConfigError, match="anthropic_key") as caught:
        load({"ANTHROPIC_API_KEY": "rmn_k3v9x0a1b2c4_secret"})
    assert "secret" not in str(caught.value)
    assert "sk-1" not in repr(load({"OPENAI_API_KEY": "sk-1"}))


def test_a_port_that_cannot_be_is_no_url():
    with pytest.raises(ConfigError, match="openai_url"):
        load({}, openai_url="http://localhost:99999/v1")


def test_every_wrong_value_is_named_at_once():
    with pytest.raises(ConfigError) as caught:
        load({"REMANENCE_PORT": "x"}, workers=0, audit="some", openai_url="ftp://x", rate=-1.0)
    for name in ("REMANENCE_PORT", "workers", "audit", "openai_url", "rate"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "url", "base"),
    [
        ("openai_url", "http://host", "http://host/v1"),
        ("openai_url", "http://host/", "http://host/v1"),
        ("openai_url", "http://host/v1/", "http://host/v1"),
        ("openai_url", "http://host/v1/chat/completions", "http://host/v1"),
        ("openai_url", "http://host/api/openai/v1/responses/", "http://host/api/openai/v1"),
        ("openai_url", "http://host/api/v3", "http://host/api/v3"),
        ("anthropic_url", "http://host", "http://host"),
        ("anthropic_url", "http://host/v1", "http://host"),
        ("anthropic_url", "http://host/proxy/v1/messages", "http://host/proxy"),
    ],
)
def test_an_upstreams_address_is_mended_to_its_base(name, url, base):
    assert getattr(load({}, **{name: url}), name) == base


def test_an_upstreams_address_with_a_query_is_refused():
    with pytest.raises(ConfigError, match="query"):
        load({}, openai_url="http://host/v1?api-version=1")
