"""Models: the only place where torch and transformers may be imported at the top."""
