"""Evaluation sets in documents: an index of their n-grams, where it is met, which documents go for it."""
