"""Losses, time and memory on real tables: skmlp, boosted trees and other networks.

`python -m benchmarks.tabular` runs every library with its defaults on every table and
seed, and adds rows to a CSV file. `python -m benchmarks.tabular.report` makes
docs/tabular_benchmarks.md from them. `tables` has the data, `libraries` the models and
`worker` one measurement.
"""
