"""Which examples exist, their split, and the arrays they are cut from."""
