"""What fuzzy, exact and semantic deduplication share: documents, steps, what is removed."""
