"""`python -m skmlp`: the demonstration, or the work on a table, by the arguments."""

import sys
from collections.abc import Sequence

from .command import cli, demo


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Parameters
    ----------
    argv : sequence of str, default=None
        The arguments of the command. None takes those of the process.

    Returns
    -------
    int
        The exit code.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    if set(argv) <= {"--quick"}:
        return demo.main(quick=bool(argv))
    return cli.run(argv)


if __name__ == "__main__":
    sys.exit(main())
