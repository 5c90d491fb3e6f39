"""What fuzzy, exact and semantic deduplication share: marks, the tables of duplicates."""
