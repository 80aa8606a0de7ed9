"""Linking: from what sentences say to what is so. A pure fold over candidates in order of arrival.

`names` (a name and its normal form) -> `entities` (who is meant) -> `lifecycle` (which facts hold,
since when) -> `graph` (one namespace, kept up to date). Nothing here knows a store; the same
candidates always give the same graph.
"""
