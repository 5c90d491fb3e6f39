"""How a pipeline runs."""
