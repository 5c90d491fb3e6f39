"""Curate images: score, deduplicate and choose pictures and captions without losing a byte of them."""

__version__ = "0.1.0"
