"""Single steps with the names and parameters of NeMo Curator, for pipelines that are put together by hand."""
