"""Where speech is in a recording, and segments of it of a useful length."""
