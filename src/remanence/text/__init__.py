"""The parts of text: words, sentences, tokens and the times it speaks of."""
