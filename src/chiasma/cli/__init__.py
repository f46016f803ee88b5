"""One module per command, of the same name as its rule: parse, load, call, write."""
