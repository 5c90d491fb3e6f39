"""What numba compiles, and where it is kept."""
