"""Captions: describe pictures, and measure what is said of them."""
