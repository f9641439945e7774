"""Tables larger than memory: read in blocks, summarised, shuffled, trained on in blocks."""
