"""Models that this app loads itself; CLIP and language models are the engine's."""
