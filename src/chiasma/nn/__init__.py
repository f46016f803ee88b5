"""Layers with two or more users and no data words; a layer with one user lives with that user."""
