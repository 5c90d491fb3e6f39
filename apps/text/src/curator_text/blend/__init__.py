"""Files of tokens of several sources, mixed by weights, split into parts and packed."""
