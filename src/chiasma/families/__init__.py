"""One room per model family: its numbers, network, objective and encoding of examples. No room knows another."""
