"""The parts of `gpu_check.py`: each says what ran, whether it agrees with the CPU, and how fast it is."""
