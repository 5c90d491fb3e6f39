"""MinHash signatures, on CPUs and GPUs."""
