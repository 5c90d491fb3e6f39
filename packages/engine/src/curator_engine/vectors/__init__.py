"""Vectors: clusters, near pairs, rankings."""
