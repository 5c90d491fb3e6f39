"""Scores of clips, and what is dropped by them."""
