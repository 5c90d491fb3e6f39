"""What every page of a run has."""
