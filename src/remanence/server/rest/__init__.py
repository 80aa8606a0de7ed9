"""REST: the verbs over `/v1`, with the value types of the Python interface as JSON.

What one request asks is read here, strictly; a verb is called in a worker thread; what comes back
is written as it is. It does not know how a request was admitted (`guard`), nor how a memory is
kept.
"""

from remanence.server.rest.application import app

__all__ = ["app"]
