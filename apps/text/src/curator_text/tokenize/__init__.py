"""Texts by their tokens: chunks of so many, and files for training."""
