"""The theory: a multilayer perceptron and its learning, on NumPy and SciPy alone.

Read the modules in the order in which they import one another: ``activations``,
``initializers``, ``layers``, ``heads``, ``network``, ``batches``, ``objective``,
``schedules``, ``optimizers``, ``lbfgs``, ``training``.
"""
