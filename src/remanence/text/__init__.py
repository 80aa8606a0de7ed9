"""What text is made of: words, sentences, tokens and the times it speaks of."""
