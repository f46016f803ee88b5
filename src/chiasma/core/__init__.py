"""What any Python project would need: errors, logging, seeds, safe writing, provenance."""
