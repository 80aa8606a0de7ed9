"""Readers of the exports and files that people already have: one file per source.

A reader takes the `SourceFile` values that it claimed and yields `Incoming` and `Bad` in their
order. `remanence.integrations.catalogue` lists every format.
"""
