"""What the jobs share that change texts: edit block by block, then say what changed and what went."""
