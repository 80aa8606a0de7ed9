"""Keys and the audit:

what is kept of a key, what ends it, who may make which, and a chain that shows every change.
"""

import json

import pytest

from remanence import instants
from remanence.errors import InvalidInput
from remanence.server.caller import Caller
from remanence.server.keys import Keys
from remanence.storage import audit


@pytest.fixture
def keys(plain):
    return Keys(plain.store.engine)


def test_of_a_key_the_store_has_only_a_hash(keys, plain, tmp_path):
    key, info = keys.create(("read",), ("魏",), label="手机")
    secret = key.rpartition("_")[2]
    assert key == f"rmn_{info.id}_{secret}" and len(secret) == 43
    plain.close()
    assert secret.encode() not in b"".join(p.read_bytes() for p in tmp_path.iterdir())


def test_a_key_is_who_it_says_and_nobody_with_a_letter_changed(keys):
    key, info = keys.create(("read", "write"), ("魏", "team/*"))
    caller = keys.check(key)
    assert caller == Caller(info.id, frozenset({"read", "write"}), ("魏", "team/*"))
    assert keys.believed(key) == caller
    changed = key[:-1] + ("a" if key[-1] != "a" else "b")
    for wrong in (changed, key + "a", key[4:], "", "rmn_", "rmn_魏", key.upper(), key + "\n"):
        assert keys.check(wrong) is None and keys.believed(wrong) is None


def test_a_revoked_key_ends_at_once_and_says_nothing_any_more(keys, plain, tmp_path):
    key, info = keys.create(("read",), ("格尔木",), label="乌图美仁")
    assert keys.check(key)
    assert keys.revoke(info.id) and not keys.revoke(info.id)
    assert keys.check(key) is None and keys.believed(key) is None
    (told,) = keys.every()
    assert (told.revoked, told.label, told.namespaces) == (True, None, ())
    plain.close()
    held = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert "格尔木".encode() not in held and "乌图美仁".encode() not in held


def test_a_key_that_another_process_revoked_is_believed_no_longer_than_a_second(keys, plain):
    from remanence.server import keys as module

    key, info = keys.create(("read",))
    assert keys.check(key)
    Keys(plain.store.engine).revoke(info.id)
    believed = keys._believed[next(iter(keys._believed))]
    import time

    assert believed.until - time.monotonic() <= module.BELIEVED
    assert keys.check(key) is None


def test_a_key_expires(keys, plain):
    key, _ = keys.create(("read",), expires="2999-01-01")
    assert keys.check(key)
    plain.store.writing(lambda c: c.run("UPDATE api_key SET expires = 1"))
    assert keys.check(key) is None and not keys.any()
    with pytest.raises(InvalidInput, match="has passed"):
        keys.create(("read",), expires="2000-01-01")


def test_what_makes_no_key(keys):
    for scopes, namespaces in (
        (("all",), ("a",)),
        ((), ("a",)),
        (("read",), ()),
        (("read",), ("a\nb",)),
    ):
        with pytest.raises(InvalidInput):
            keys.create(scopes, namespaces)


def test_keys_are_made_listed_and_ended_over_http(client):
    made = client.json(
        "POST", "/v1/keys", {"scopes": ["read"], "namespaces": ["魏"], "label": "手机"}
    )
    listed = client.json("GET", "/v1/keys")["keys"]
    assert made["info"] in listed and made["key"] not in json.dumps(listed)
    assert client("DELETE", f"/v1/keys/{made['info']['id']}").status == 204
    assert client("DELETE", f"/v1/keys/{made['info']['id']}").status == 404
    assert client("GET", "/v1/keys", authorization=f"Bearer {made['key']}").status == 401


def test_a_key_makes_none_that_may_more_than_itself(client):
    small = client.as_("admin", "read", namespaces=("team/*",))
    right = {"scopes": ["read"], "namespaces": ["team/魏"]}
    assert small("POST", "/v1/keys", right).status == 201
    assert small("POST", "/v1/keys", {**right, "namespaces": ["team/a*"]}).status == 201
    assert small("POST", "/v1/keys", {**right, "scopes": ["write"]}).status == 403
    for beyond in ("other", "*", "team", "te*"):
        assert small("POST", "/v1/keys", {**right, "namespaces": [beyond]}).status == 404
    seen = small.json("GET", "/v1/keys")["keys"]
    assert {name for info in seen for name in info["namespaces"]} == {
        "team/*",
        "team/魏",
        "team/a*",
    }
    above = client.json("GET", "/v1/keys")["keys"][0]["id"]
    assert small("DELETE", f"/v1/keys/{above}").status == 404


@pytest.mark.parametrize(
    ("grants", "wanted", "covered"),
    [
        (("a*",), "abc", True),
        (("a*",), "ab*", True),
        (("ab*",), "a*", False),
        (("a",), "a*", False),
        (("*",), "*", True),
        (("a", "b"), "b", True),
        ((), "a", False),
    ],
)
def test_what_a_grant_covers(grants, wanted, covered):
    assert Caller("k", frozenset(), grants).covers(wanted) is covered


def test_what_was_changed_is_in_the_audit_before_a_forgetting_is_answered(client, plain):
    client.json("POST", "/v1/episodes", {"text": "早", "id": "m1"})
    client.json("POST", "/v1/recall", {"query": "早"})
    client.json("POST", "/v1/forget", {"id": "m1"})
    client("GET", "/v1/episodes/m1")
    with plain.store.reading() as connection:
        noted = [row[3:5] for row in audit.entries_after(connection)]
    assert noted == [("remember", 200), ("forget", 200)]
    client.service.audit.flush()
    with plain.store.reading() as connection:
        assert [row[3:5] for row in audit.entries_after(connection, 2)] == [
            ("GET /v1/episodes/{id}", 404)
        ]
        assert audit.verify(connection).problem is None


def entries(count):
    return [audit.Entry(n, "k", f"deed {n}", 200, b"n" * 12, b"") for n in range(count)]


def changes():
    for column, value in (
        ("at", 9),
        ("key", "x"),
        ("action", "x"),
        ("status", 201),
        ("namespace", b"m" * 12),
        ("target", b"t"),
        ("chain", b"c" * 32),
    ):
        yield pytest.param(f"UPDATE audit SET {column} = :value WHERE id = 3", value, 3, id=column)
    yield pytest.param("DELETE FROM audit WHERE id = :value", 3, 3, id="a row in the middle")
    yield pytest.param("DELETE FROM audit WHERE id = :value", 1, 1, id="the first row")
    yield pytest.param("DELETE FROM audit WHERE id >= :value", 4, None, id="rows at the end")


@pytest.mark.parametrize(("change", "value", "row"), [*changes()])
def test_every_change_of_the_audit_shows(plain, change, value, row):
    plain.store.writing(lambda c: audit.append(c, entries(3)))
    plain.store.writing(lambda c: audit.append(c, entries(2)))
    with plain.store.reading() as connection:
        assert audit.verify(connection) == audit.Verdict(5, audit.verify(connection).head, None)
    plain.store.writing(lambda c: c.run(change, value=value))
    with plain.store.reading() as connection:
        problem = audit.verify(connection).problem
    assert problem is not None
    assert "the last 2 rows" in problem if row is None else f"row {row} " in problem


def test_the_audit_has_digests_in_the_stead_of_names(client, plain):
    client.json("POST", "/v1/episodes", {"text": "秘密", "id": "格尔木", "namespace": "柴达木"})
    client.service.audit.flush()
    with plain.store.reading() as connection:
        (row,) = audit.entries_after(connection)
    assert len(row[5]) == len(row[6]) == audit.DIGEST
    assert row[5] == audit.digest(client.service.seal, "柴达木")


def test_when_a_key_was_used_is_noted(client):
    client.service.audit.flush(last=True)
    (info,) = client.service.keys.every()
    client("GET", "/v1/keys")
    client.service.audit.flush(last=True)
    (used,) = client.service.keys.every()
    assert used.last_used is not None and instants.parse(used.last_used) > instants.parse(
        info.created
    )
