"""Stand-ins for tests, benchmarks and trials: a scripted provider, a failing memory, ASGI calls.

`provider` answers as a model's provider by a script, `faults` fails as a store would, `asgi` calls
an application without a socket and `loopback` serves one on 127.0.0.1.
"""
