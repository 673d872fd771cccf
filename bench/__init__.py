"""`make bench`: how fast the line is and what it needs. Prints tables; asserts nothing."""
