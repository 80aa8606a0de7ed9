"""Whose memory:

the order of what may say so; nobody known, no memory; nothing ever widens what a key reaches.
"""

import pytest

from remanence.server.caller import Caller, OutOfReach
from remanence.server.problems import Problem
from remanence.server.proxy import identity
from remanence.server.proxy.anthropic_messages import AnthropicMessages
from remanence.server.proxy.dialect import ParsedRequest
from remanence.server.proxy.openai_chat import OpenAIChat
from remanence.server.proxy.openai_responses import OpenAIResponses

ALL = frozenset({"proxy", "read", "write"})
HOME = Caller("k1", ALL, ("wei",))
TEAM = Caller("k2", ALL, ("team/*",))
SEVERAL = Caller("k3", ALL, ("a", "b"))


def headers(**given):
    return [(f"x-remanence-{name}".encode(), value.encode()) for name, value in given.items()]


@pytest.mark.parametrize(
    ("caller", "given", "users", "namespace"),
    [
        (HOME, {}, (), "wei"),
        (HOME, {}, ("mia",), "wei"),
        (HOME, {"user": "wei"}, (), "wei"),
        (HOME, {"user": "mia"}, (), None),
        (HOME, {"namespace": "wei"}, (), "wei"),
        (TEAM, {}, (), None),
        (TEAM, {}, ("mia", "other"), "team/mia"),
        (TEAM, {"user": "wei"}, ("mia",), "team/wei"),
        (TEAM, {"user": "小明"}, (), "team/小明"),
        (TEAM, {"namespace": "team/x", "user": "wei"}, ("mia",), "team/x"),
        (TEAM, {}, ("a\nb",), None),
        (TEAM, {}, ("x" * 600,), None),
        (SEVERAL, {}, ("a",), None),
        (SEVERAL, {"namespace": "b"}, (), "b"),
    ],
)
def test_the_order_of_who_may_say_whose_memory_it_is(caller, given, users, namespace):
    assert identity.whose(caller, headers(**given), ParsedRequest(users=users)) == namespace


@pytest.mark.parametrize(("caller", "foreign"), [(HOME, "mia"), (TEAM, "other"), (SEVERAL, "c")])
def test_a_foreign_namespace_is_out_of_reach(caller, foreign):
    with pytest.raises(OutOfReach):
        identity.whose(caller, headers(namespace=foreign), ParsedRequest())


def test_a_name_that_is_no_name_is_refused():
    with pytest.raises(Problem) as caught:
        identity.whose(TEAM, headers(user="x" * 600), ParsedRequest())
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("mode", "store", "scopes", "read", "write"),
    [
        (None, True, ALL, True, True),
        (None, False, ALL, True, False),
        (None, True, ALL - {"read"}, False, True),
        (None, True, ALL - {"write"}, True, False),
        ("off", True, ALL, False, False),
        ("READ", True, ALL, True, False),
        ("write", True, ALL, False, True),
        ("write", False, ALL, False, False),
    ],
)
def test_a_request_may_want_less(mode, store, scopes, read, write):
    given = [] if mode is None else headers(memory=mode)
    wish = identity.access(Caller("k", scopes, ("wei",)), given, ParsedRequest(store=store))
    assert (wish.read, wish.write) == (read, write)


def test_a_wish_that_means_nothing_is_refused_and_not_guessed():
    with pytest.raises(Problem) as caught:
        identity.access(HOME, headers(memory="no"), ParsedRequest())
    assert caught.value.status == 400


def test_bodies_name_their_user_in_the_order_of_what_binds_most():
    body = {"safety_identifier": "a", "metadata": {"user_id": "b"}, "user": "c", "messages": []}
    assert OpenAIChat().parse(body).users == ("a", "b", "c")
    assert OpenAIResponses().parse(body).users == ("a", "b", "c")
    assert AnthropicMessages().parse(body).users == ("b",)
    assert OpenAIChat().parse({"user": 7, "metadata": "x"}).users == ()
