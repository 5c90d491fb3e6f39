"""Networks and recognisers: the one place that imports torch and transformers at the top."""
