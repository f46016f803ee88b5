"""What a measured value means: balancing, expected contacts, missing values, quality."""
