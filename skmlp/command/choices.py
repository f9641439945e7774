"""What the options of the command can be. The parser needs no more than this module."""

CLASSIFICATION, REGRESSION = "classification", "regression"
MODELS = (".skops", ".pkl", ".pickle", ".joblib")
"""The endings of model files."""

PLOTS = (".png", ".svg", ".pdf", ".jpg")
"""The endings of plot files."""
