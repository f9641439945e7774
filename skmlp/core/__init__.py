"""The theory: a multilayer perceptron and its training, with NumPy and SciPy only.

Read the modules in the order in which they import each other: ``_types``, ``_blas``,
``activations``, ``initializers``, ``layers``, ``scaling``, ``embeddings``, ``heads``,
``batches``, ``network``, ``architectures``, ``objective``, ``finite``, ``schedules``,
``optimizers``, ``history``, ``runners``, ``compiled``, ``training``, ``lbfgs``.
"""
