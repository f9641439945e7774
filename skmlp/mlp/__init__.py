"""`MLPClassifier` and `MLPRegressor` below their public classes."""
