"""Losses, time and memory on real tables: skmlp beside boosted trees and other networks.

`python -m benchmarks.tabular` takes every library as it ships to every table and seed,
and adds rows to a CSV file. `python -m benchmarks.tabular.report` makes
docs/tabular_benchmarks.md of them. What is learned is in `tables`, who learns it in
`libraries`, one measurement in `worker`.
"""
