"""The caller of a request, with its scopes and namespaces.

A value and its rules. It does not know how a key is stored, nor by which protocol it came.
"""

from dataclasses import dataclass

from remanence import checks
from remanence.errors import RemanenceError

SCOPES = ("read", "write", "delete", "admin", "proxy")
ANY = "*"  # ends a grant: every namespace whose name begins with what stands before it


class Refused(RemanenceError):
    """The caller may not do that at all, whatever it names (HTTP 403)."""


class OutOfReach(RemanenceError):
    """The namespace is not the caller's; answered exactly as one that does not exist (HTTP 404)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A key's bearer: its public id, what it may do, and in which namespaces.

    `grants` are exact namespaces, or prefixes that end with "*" ("team/*"; "*" alone is every one).
    """

    key: str
    scopes: frozenset[str]
    grants: tuple[str, ...]

    def need(self, scope: str) -> None:
        """Raises `Refused` unless the key has `scope`."""
        if scope not in self.scopes:
            raise Refused(
                f"this key may not {scope}; it may {', '.join(sorted(self.scopes))}: use another "
                f"key"
            )

    def reaches(self, namespace: str) -> bool:
        return any(_covers(grant, namespace) for grant in self.grants)

    def covers(self, grant: str) -> bool:
        """Return whether all that a grant reaches is within this one's reach."""
        if not grant.endswith(ANY):
            return self.reaches(grant)
        prefix = grant[: -len(ANY)]
        return any(
            each.endswith(ANY) and prefix.startswith(each[: -len(ANY)]) for each in self.grants
        )

    @property
    def home(self) -> str | None:
        """The one namespace of a key that is bound to exactly one; else None."""
        exact = len(self.grants) == 1 and not self.grants[0].endswith(ANY)
        return self.grants[0] if exact else None

    def namespace(self, wanted: str | None, default: str | None = None) -> str:
        """The namespace of a request that names `wanted`: it may narrow what the key reaches, never
        widen it.

        Without one it is the key's only namespace, else `default` where the key reaches that.
        Raises `InvalidInput` (no name), `Refused` (none named and none implied), `OutOfReach`.
        """
        chosen = wanted if wanted is not None else self.home or default
        if chosen is None or (wanted is None and not self.reaches(chosen)):
            raise Refused("this key reaches several namespaces: name one with the request")
        checks.label(chosen, "namespace")
        if not self.reaches(chosen):
            raise OutOfReach(f"no namespace {chosen!r:.80}")
        return chosen

    def personal(self, user: str) -> str | None:
        """The namespace of a user whom a trusted client names: its home, else below the key's one
        prefix.

        None where the key does not say which: no identity, no memory.
        """
        if self.home is not None:
            return self.home if user == self.home else None
        prefixes = [grant[: -len(ANY)] for grant in self.grants if grant.endswith(ANY)]
        return f"{prefixes[0]}{user}" if len(prefixes) == 1 == len(self.grants) else None


def _covers(grant: str, namespace: str) -> bool:
    if grant.endswith(ANY):
        return namespace.startswith(grant[: -len(ANY)])
    return grant == namespace
