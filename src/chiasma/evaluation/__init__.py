"""Truth against prediction, in numpy: no torch, no files."""
