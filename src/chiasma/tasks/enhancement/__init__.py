"""Enhancement: the deep contact map behind a shallow one, and whole chromosomes stitched of windows."""
