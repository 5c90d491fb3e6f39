"""What `train` does: n-grams of good and bad texts, a linear model of them, and how good it is on texts held out."""
