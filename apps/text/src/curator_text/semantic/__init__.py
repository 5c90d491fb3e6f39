"""Documents that are near each other by their embeddings."""

FINGERPRINT = "fingerprint"
"""The name that stands for fingerprints instead of a model's."""
