"""Conversations that remember: `Chat` keeps each turn, recalls, asks a model or quotes."""

from remanence.chat.conversation import BUDGET, INSTRUCTIONS, MOST, Chat
from remanence.chat.parts import PARTS, Answer, Hearing, Listening, Used
from remanence.chat.reply import Saying

__all__ = [
    "BUDGET",
    "INSTRUCTIONS",
    "MOST",
    "PARTS",
    "Answer",
    "Chat",
    "Hearing",
    "Listening",
    "Saying",
    "Used",
]
