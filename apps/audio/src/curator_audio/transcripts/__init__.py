"""Transcribe speech, compare transcripts, and find those that no one said."""
