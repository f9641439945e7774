"""Makes docs/benchmarks.md and its plots from the CSV files."""
