"""`python -m skmlp`: without a table the demonstration, otherwise the command."""

import sys
from collections.abc import Sequence

from .command import cli, demo, output


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
    argv = sys.argv[1:] if argv is None else list(argv)
    if set(argv) <= {"--quick"}:
        return output.guarded(lambda _: demo.main(quick=bool(argv)))
    return cli.run(argv)


if __name__ == "__main__":
    sys.exit(main())
