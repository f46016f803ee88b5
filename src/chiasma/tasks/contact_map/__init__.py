"""Contact maps: the contacts of a window from its tracks alone, and whole chromosomes stitched of windows."""
