"""Recordings that are there twice: the same samples, or the same sound in other samples."""
