"""The texts that stand for missing values and booleans in files."""

WORDS = """
#N/A #NA -1.#IND -1.#QNAN -NaN -nan 1.#IND 1.#QNAN <NA> N/A NA NULL NaN None n/a nan null
"""
MISSING = frozenset({*WORDS.split(), "#N/A N/A", ""})
"""The texts that pandas reads as missing values."""

BOOLEANS = dict.fromkeys(("True", "TRUE", "true"), True)
BOOLEANS |= dict.fromkeys(("False", "FALSE", "false"), False)
"""The texts that are booleans."""
