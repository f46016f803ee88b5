"""Expression: the signal of starts of transcription (CAGE and its like) along the genome, from tracks and contacts."""
