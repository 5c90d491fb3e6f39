"""What every app does with its items: clips, pictures, recordings, documents with scores."""
