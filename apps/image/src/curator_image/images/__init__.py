"""Write the pictures that are kept."""
