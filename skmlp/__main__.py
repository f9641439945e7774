"""`python -m skmlp` and the script `skmlp`: parse the command line, then do the work."""

import sys
from collections.abc import Sequence
from functools import partial

from .command.output import Stream, guarded
from .command.parser import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, default=None
        The arguments of the command. None: the arguments of the process.

    Returns
    -------
    int
        The exit code.
    """
    return guarded(partial(work, sys.argv[1:] if argv is None else list(argv)))


def work(argv: Sequence[str], output: Stream) -> int:
    """Do what the command line asks for, and return the exit code."""
    arguments = parse(argv)
    # They import NumPy and scikit-learn, for which --help need not wait.
    from .command import cli, demo

    if arguments.work == "compare":
        return demo.main(quick=arguments.quick)
    return cli.run(arguments, output)


if __name__ == "__main__":
    sys.exit(main())
