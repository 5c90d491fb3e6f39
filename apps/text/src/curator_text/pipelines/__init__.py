"""Ready-made jobs, one per file."""
