"""Read pictures: from files, tars and tables to bytes, and from bytes to pixels."""
