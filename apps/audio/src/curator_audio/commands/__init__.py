"""The commands: from settings to a run, and what is said about it."""
