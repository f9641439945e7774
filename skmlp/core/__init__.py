"""The theory: a multilayer perceptron and its learning, on NumPy and SciPy alone.

Read the modules in the order in which they import one another: ``activations``,
``initializers``, ``layers``, ``heads``, ``batches``, ``network``, ``objective``,
``schedules``, ``optimizers``, ``lbfgs``, ``training``.
"""
