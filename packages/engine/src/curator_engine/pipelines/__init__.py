"""Ready-made jobs of the engine, and NeMo Curator's keywords for jobs."""
