"""chiasma: from raw genomics files to trained multimodal models and a report."""

__version__ = "0.1.0"
