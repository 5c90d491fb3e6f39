"""What is shown and said in clips, in words."""
