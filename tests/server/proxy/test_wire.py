"""Headers and events: what goes on, what comes back, and where a stream is cut."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remanence.server.problems import Problem
from remanence.server.proxy import sse, wire
from remanence.server.proxy.upstream import Upstream

AUTH = (b"authorization", b"Bearer sk-up")


def test_our_key_never_goes_on_and_the_provider_s_stands_in_for_it():
    for ours in (
        (b"authorization", b"Bearer rmn_a_b"),
        (b"x-api-key", b"rmn_a_b"),
        (b"x-remanence-key", b"rmn_a_b"),
    ):
        sent = wire.onward([ours, (b"a", b"1")], AUTH, length=None, read=False)
        assert sent == [(b"a", b"1"), AUTH]


def test_a_client_s_own_key_goes_on_untouched():
    given_ = [(b"x-remanence-key", b"rmn_a_b"), (b"authorization", b"Bearer sk-mine")]
    assert wire.onward(given_, AUTH, length=None, read=False) == given_[1:]


def test_headers_of_one_connection_stay_there_both_ways():
    given_ = [
        (b"host", b"here"),
        (b"connection", b"close, X-Mine"),
        (b"x-mine", b"1"),
        (b"te", b"trailers"),
        (b"transfer-encoding", b"chunked"),
        (b"cookie", b"ours=1"),
        (b"expect", b"100-continue"),
        (b"x-remanence-user", b"wei"),
        (b"x-kept", b"1"),
    ]
    assert wire.onward(given_, None, length=None, read=False) == [(b"x-kept", b"1")]
    got = [
        (b"Keep-Alive", b"1"),
        (b"Access-Control-Allow-Origin", b"*"),
        (b"Alt-Svc", b"h3"),
        (b"X-Kept", b"1"),
    ]
    assert wire.back(got, "off") == [(b"x-kept", b"1"), (b"x-remanence-memory", b"off")]


def test_compression_is_only_asked_away_where_the_answer_is_read():
    given_ = [(b"accept-encoding", b"gzip"), (b"content-length", b"3")]
    assert wire.onward(given_, None, length=None, read=False) == given_
    assert wire.onward(given_, None, length=9, read=True) == [
        (b"content-length", b"9"),
        (b"accept-encoding", b"identity"),
    ]


def test_what_was_used_fits_a_header_whatever_the_ids_are():
    assert wire.used([]) == "used=0"
    said = wire.used(["a,b; c", "小明"], ["dense"])
    assert said == "used=2; ids=a%2Cb%3B%20c,%E5%B0%8F%E6%98%8E; degraded=dense"
    assert said.isascii()


EVENT = st.sampled_from(["\n", "\r\n", "\r"]).flatmap(
    lambda end: st.lists(
        st.sampled_from(["data: {}", "event: x", ": comment", "data: [1]"]), min_size=1, max_size=3
    ).map(lambda lines: end.join(lines) + end + end)
)


@settings(max_examples=40)
@given(st.lists(EVENT, max_size=5), st.text("da:{} ", max_size=6), st.data())
def test_a_stream_is_handed_on_whole_however_it_arrives(events, rest, data):
    raw = ("".join(events) + rest).encode()
    cutter, out, at = sse.Cutter(), b"", 0
    while at < len(raw):
        size = data.draw(st.integers(1, len(raw) - at))
        whole = cutter.cut(raw[at : at + size])
        events_only = re.sub(rb"(?:(?:\A|(?<=[\r\n])):[^\r\n]*(?:\r\n|\n|\r))+\Z", b"", whole)
        assert events_only in (b"", b"\n", b"\r", b"\r\n") or events_only.endswith(
            (b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n")
        )
        out += whole
        at += size
    assert out + cutter.rest() == raw


@pytest.mark.parametrize("idle", [b": keep-alive\n", b"\n", b":\r\n", b"\n\n\n", b": a\n: b\n"])
def test_comments_and_blank_lines_are_handed_on_at_once(idle):
    cutter = sse.Cutter()
    assert cutter.cut(idle) == idle
    assert cutter.cut(b"data: 1\n\n" + idle) == b"data: 1\n\n" + idle
    assert cutter.cut(b"data: 1\n: within an event\n") == b""


def test_half_an_event_is_held_back():
    cutter = sse.Cutter()
    assert cutter.cut(b'data: {"a"') == b""
    assert cutter.cut(b": 1}\n\ndata: ") == b'data: {"a": 1}\n\n'
    assert cutter.rest() == b"data: "


def test_events_are_heard_and_what_is_no_json_is_passed_over():
    raw = b'event: a\r\ndata: {"a":\r\ndata: 1}\r\n\r\n: ping\n\ndata: [DONE]\n\ndata:2\n\n'
    assert list(sse.events(raw)) == [{"a": 1}, 2]
    assert list(sse.events(sse.written("x", {"小": 1}))) == [{"小": 1}]


@pytest.mark.parametrize("tail", [b"/../admin", b"/a/%2e%2e/b", b"/.%2E/x", b"/./x"])
def test_a_path_cannot_climb_out_of_the_provider_s(tail):
    with pytest.raises(Problem) as caught:
        Upstream("https://api.example.com/v1").address(tail, b"")
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "tail",
    [
        b"//evil.example/x",
        b"/@evil.example",
        b"/http://evil.example",
        b"/\\evil.example",
        b"/a%2Fb",
        b"/%E5%B0%8F",
    ],
)
def test_no_path_names_another_host(tail):
    url = Upstream("https://api.example.com:8443/v1/").address(tail, b"q=%20a")
    assert (url.scheme, url.host, url.port) == ("https", "api.example.com", 8443)
    assert url.raw_path == b"/v1" + tail + b"?q=%20a"


def test_a_key_is_not_shown():
    assert "sk-up" not in repr(Upstream("https://api.example.com", AUTH))
    assert json.dumps("sk-up") not in str(Upstream("https://api.example.com", AUTH))
