"""Private data: what is found in texts, and what takes its place."""
