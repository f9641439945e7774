"""Tables, plots and prose of docs/benchmarks.md, from the CSV files."""
