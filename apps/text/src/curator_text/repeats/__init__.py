"""Passages and lines that stand in a corpus more than once."""
