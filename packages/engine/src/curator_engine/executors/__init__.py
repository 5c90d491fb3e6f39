"""Executors: where a pipeline runs. Only this package imports Ray or Cosmos-Xenna."""
