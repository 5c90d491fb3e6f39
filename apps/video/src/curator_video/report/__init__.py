"""What is read from a finished run: the page, what it shows, the summary."""
