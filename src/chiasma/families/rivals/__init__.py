"""Supervised networks of the field, trained from random weights: what a pre-trained model is compared with."""
