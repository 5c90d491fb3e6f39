"""What any app needs to load and run models."""
