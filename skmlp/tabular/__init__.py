"""`TabularMLPClassifier` and `TabularMLPRegressor` below their public classes."""
