"""Which documents a recipe of filters keeps: scores by block, then a decision from the scores alone."""
