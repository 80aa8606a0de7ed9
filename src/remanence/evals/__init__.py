"""Measuring: how well a memory brings back what answers a question."""
