"""Documents in which texts and pictures take turns."""
