"""Find pictures that are there twice, and prove it."""
