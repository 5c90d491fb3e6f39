"""Ready-made jobs; the Python API."""
