"""The jobs as pipelines, one recipe per file."""
