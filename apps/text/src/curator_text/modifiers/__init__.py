"""Modifiers: rules that change the text of a document."""
