"""One file per command: run it, print what was found."""
