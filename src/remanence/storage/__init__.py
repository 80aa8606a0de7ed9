"""The store: one file, one log of episodes, and the projections made from it."""
