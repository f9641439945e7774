"""Tables larger than memory: the time and the memory of a fit, by the size of the file."""
