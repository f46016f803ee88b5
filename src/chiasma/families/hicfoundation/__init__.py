"""HiCFoundation (Noble laboratory, bioRxiv 2024.12.16.628821): a masked auto-encoder of contact windows with a count token."""
