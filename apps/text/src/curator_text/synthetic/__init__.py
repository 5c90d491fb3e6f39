"""Texts that a language model writes: paraphrases, questions, knowledge."""
