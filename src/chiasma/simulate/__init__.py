"""A small genome with known truth: raw files in true formats, and beside them what is true."""
