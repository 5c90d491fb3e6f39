"""Files: what is found, read and written, here and on object stores."""
