"""One room per model family: its numbers, its network, its objective, its encoding of examples. No room knows another."""
