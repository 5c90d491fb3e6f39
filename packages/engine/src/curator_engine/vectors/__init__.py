"""Vectors: clusters, near pairs, and the pipeline that removes what is near."""
