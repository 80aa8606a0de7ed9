"""Laboratory: tasks, baselines, training and measurement of small models with a memory inside.

The command `remanence neural` and the benchmarks use it. No part of the product imports it, which
`pyproject.toml` holds as an import contract. Needs torch and transformers: `remanence[neural]`.
"""
