"""Files as the app sees them: recordings of any codec, and what lists, tars and tables hold."""
