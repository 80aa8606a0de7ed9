"""Applications of a memory: one folder each, built on public verbs and values alone."""
