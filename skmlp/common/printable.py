"""Text from tables, files and users that is safe to show."""


def printable(text: str) -> str:
    r"""Text in one line that a terminal, a plot and XML can show.

    What Python's `str.isprintable` excludes becomes an escape such as ``\x1b``, as in
    `repr`: control characters, line ends, marks that change the direction of writing,
    lone surrogates.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text, unchanged if it is printable.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii")
        for one in text
    )
