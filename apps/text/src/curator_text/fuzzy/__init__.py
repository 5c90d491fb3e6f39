"""Near-duplicate documents: signatures, bands, pairs, components, exact comparison; the index."""
