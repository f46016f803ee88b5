"""Epigenome: several signals along the genome (CTCF, histone marks, accessibility), from contacts alone."""
