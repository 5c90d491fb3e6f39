"""What the executors on Ray share."""
