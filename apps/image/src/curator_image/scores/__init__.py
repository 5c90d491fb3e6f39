"""Measure pictures, and choose by the measures."""
