"""Chromatin loops: is a pair of bins a loop, and where are the loops of a genome."""
