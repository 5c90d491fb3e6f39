"""Pipelines that curate data: tasks, stages, one runner, thin executors."""

__version__ = "0.1.0"
