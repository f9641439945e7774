"""The texts that stand for missing values, booleans and units in files."""

WORDS = """
#N/A #NA -1.#IND -1.#QNAN -NaN -nan 1.#IND 1.#QNAN <NA> N/A NA NULL NaN None n/a nan null
"""
MISSING = frozenset({*WORDS.split(), "#N/A N/A", ""})
"""The texts that pandas reads as missing values."""

BOOLEANS = dict.fromkeys(("True", "TRUE", "true"), True)
BOOLEANS |= dict.fromkeys(("False", "FALSE", "false"), False)
"""The texts that are booleans."""

CODES = """
AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS INR JPY KRW MXN NOK NZD PLN RON RUB SEK SGD
TRY USD ZAR
"""
CURRENCIES = (*CODES.split(),)
"""The codes of currencies that numbers may have."""

SIGNS_OF_CURRENCIES = (
    "$\u00a2-\u00a5\u058f\u060b\u07fe\u07ff\u09f2\u09f3\u09fb\u0af1\u0bf9\u0e3f"
    "\u17db\u20a0-\u20c0\ua838\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6"
)
"""The signs of currencies, as in a regular expression: Unicode's category Sc."""
