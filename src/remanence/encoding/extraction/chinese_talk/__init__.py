"""Statements of a Chinese turn, by frames: form, status, head, frame, and what a frame states."""

from remanence.encoding.extraction.chinese_talk.reader import read

__all__ = ["read"]
