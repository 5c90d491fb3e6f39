"""Who speaks: embeddings of voices, clusters of them, turns."""
