"""Documents from URLs: what lists them, fetches their files and reads records out of these."""
