"""Reproducibility: how alike two contact maps are, told by an embedding in which replicates lie together."""
