"""Scores of recordings: what is measured on the signal, and how good speech sounds."""
