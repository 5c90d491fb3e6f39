"""Which language a text is in: names of languages, scripts, the tools that tell."""
