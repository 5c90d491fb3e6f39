"""Videos as files: what is in them, their frames, sound and time stamps, measured in one decode."""
