"""Samples for training models on pictures and texts: what a picture says, and conversations about it."""
