"""Curate recordings: find speech, measure, transcribe and deduplicate it."""

__version__ = "0.1.0"
