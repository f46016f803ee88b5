"""MIX-HIC (Yang et al., NeurIPS 2025): two towers over a pair's contacts and tracks, aligned by contrast."""
