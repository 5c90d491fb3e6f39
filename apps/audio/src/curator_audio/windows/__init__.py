"""Windows and snippets of long recordings, for audio language models."""
