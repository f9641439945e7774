"""What all estimators need: parameters, checks, labels, callbacks, threads."""
