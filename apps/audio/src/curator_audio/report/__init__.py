"""What is read from a finished run: the page, and the sounds on it."""
