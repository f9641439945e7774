"""The command `python -m skmlp`: train on a table, predict, compare with scikit-learn."""
