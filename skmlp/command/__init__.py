"""The command `python -m skmlp`: train on a table, predict, demonstrate."""
