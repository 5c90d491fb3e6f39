"""Documents with the same text."""
