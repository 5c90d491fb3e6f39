"""From files to segments with scores, and from segments that stay to files."""
