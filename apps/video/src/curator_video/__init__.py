"""Curate video: turn long videos into scored, described clips on a laptop or a cluster."""

__version__ = "0.1.0"
