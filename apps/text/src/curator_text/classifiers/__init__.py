"""Classifiers of documents: NeMo Curator's by their names, any of transformers, and those that `train` makes."""
