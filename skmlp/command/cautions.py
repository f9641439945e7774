"""What makes the scores of the test rows too good, as lines before the training."""

from ..common.printable import printable
from .evaluation import TrainTestSplit
from .fitting import Training
from .large import OF_SAMPLE
from .leaks import notes_on_leaks
from .split_checks import notes_on_split


def warn(given: Training, rows: TrainTestSplit) -> list[str]:
    """Print what makes the scores too good, and return it."""
    task, sample = given.task, given.sample
    of = OF_SAMPLE if sample is not None and sample.is_part else ""
    columns, target = task.columns, task.target
    at_random = given.marks is None and given.test is None
    found = notes_on_leaks(rows, columns, target)
    found += notes_on_split(rows, columns, target, at_random=at_random)
    notes = [f"warning: {note}{of}" for note in found]
    for note in notes:
        print(printable(note), flush=True)
    return notes
