"""What is asked of a model: one room per task, each with its labels, head, decoding and baselines."""
