"""Coordinates: chromosomes and their names, bins, intervals, sequence."""
