"""Curate text: read, deduplicate and write documents."""

__version__ = "0.1.0"
