"""Clips as files: cutting, encoding, tables, previews."""
