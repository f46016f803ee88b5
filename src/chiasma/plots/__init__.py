"""Figures: a table in, a picture and its source table out. No statistic is computed here, no model loaded."""
