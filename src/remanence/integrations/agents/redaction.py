"""Secrets in a text, replaced before it is remembered.

Keys are known by their issuers' marks, passwords by what stands before them, lines of an `.env`
file by their form, other tokens by their mixture of characters. What is taken out is replaced by
`MARK`; the words around it stay.
"""

import math
import re
from collections import Counter
from typing import Final

MARK: Final = "[secret]"
_ENTROPY: Final = 3.8  # bits a character from which a long token is no word, path or name

# (issuer or kind, pattern): all of a match is replaced.
_TOKENS: Final = (
    (
        "private key",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    ),
    ("AWS", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("GitHub", r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    ("GitLab", r"\bglpat-[\w-]{15,}"),
    ("OpenAI, Anthropic", r"\bsk-[\w-]{16,}"),
    ("Stripe", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}"),
    ("Google", r"\bAIza[\w-]{30,}"),
    ("Slack", r"\bxox[abeoprs]-[\w-]{10,}"),
    ("npm", r"\bnpm_[A-Za-z0-9]{30,}"),
    ("PyPI", r"\bpypi-AgE[\w-]{20,}"),
    ("Hugging Face", r"\bhf_[A-Za-z]{20,}"),
    ("Remanence", r"\brmn_[\w-]{16,}"),
    ("JSON web token", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
)
# (kind, what stays, what is replaced)
_NAMED: Final = (
    ("URL with a password", r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]+:)([^\s/@]+)(?=@)"),
    ("header", r"(?i)(\b(?:bearer|basic)\s+)([\w.+/=~-]{12,})"),
    (
        "assignment",
        (
            r"(?i)((?<![A-Za-z])[\w-]*(?:api[_-]?key|secret|token|passw(?:or)?d|passphrase|pwd"
            r"|credentials?)[\w-]*[\"']?\s*[:=]\s*[\"']?)([^\s\"',;]{4,})"
        ),
    ),
    (
        "sentence",
        r"(?i)(\b(?:password|passphrase|passcode|pin(?: code)?)\b[\w\s]{0,20}?\b(?:is|was)\s+[\"'`]?)([^\s\"'`]*[^\s\"'`.,;!?])",
    ),
    ("sentence in Chinese", r"((?:密码|口令|密钥|令牌)(?:是|为|[:：=])\s*)([^\s，。；！？]{3,})"),
)
_ENV_LINE: Final = re.compile(r"(?m)^(\s*(?:export\s+)?[A-Z][A-Z0-9_]{2,}=)(\S.*)$")
_LONG: Final = re.compile(r"(?<![\w/.-])[A-Za-z0-9+/_=-]{32,}(?![\w/.-])")
_WHOLE: Final = re.compile("|".join(f"(?:{pattern})" for _, pattern in _TOKENS), re.DOTALL)
_AFTER: Final = tuple(re.compile(pattern) for _, pattern in _NAMED)


def redacted(text: str) -> str:
    """Return a text without its secrets.

    >>> redacted("Use OPENAI_API_KEY=sk-abcdefghijklmnopqrstuv for the tests.")
    'Use OPENAI_API_KEY=[secret] for the tests.'
    """
    found = _WHOLE.sub(MARK, text)
    if len(_ENV_LINE.findall(found)) > 1:  # one alone may be a word about a constant
        found = _ENV_LINE.sub(_kept, found)
    for pattern in _AFTER:
        found = pattern.sub(_kept, found)
    return _LONG.sub(lambda each: MARK if _random(each[0]) else each[0], found)


def _kept(found: re.Match[str]) -> str:
    return f"{found[1]}{MARK}"


def _random(token: str) -> bool:
    """Return whether a token has capitals, small letters and digits, unevenly mixed."""
    kinds = (
        any(map(str.isupper, token)),
        any(map(str.islower, token)),
        any(map(str.isdigit, token)),
    )
    if not all(kinds):
        return False
    counts = Counter(token).values()
    return -sum(n / len(token) * math.log2(n / len(token)) for n in counts) > _ENTROPY
