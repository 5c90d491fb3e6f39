"""Filters: score documents by rules and say which go, and why."""
