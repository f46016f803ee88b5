"""Bytes to tables and arrays, and back; one module per file format."""
