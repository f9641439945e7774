"""Keys of whole rows as nodes."""

import numpy as np
import pandas as pd

from skmlp import TableEncoder
from skmlp.tabular.column_encoders import bits_of


def test_bits_of_numbers():
    from skmlp.export import rows

    from .runs import run_graph

    rng = np.random.RandomState(0)
    ends = [0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, -5e-324, 1.7e308, 2.3e-308]
    x = np.concatenate([ends, rng.randn(500) * 10.0 ** rng.randint(-320, 308, 500)])
    powers = np.ldexp(1.0, np.arange(-1074, 1024))
    x = np.concatenate([x, powers, np.nextafter(powers, 0), -powers])
    found = run_graph(rows.bits_of, x[:, None])[:, 0]
    np.testing.assert_array_equal(found.view(np.uint64), bits_of(x))


def test_effects_of_whole_rows():
    from .runs import run_encoder, table

    frame = table(400).assign(large=np.random.RandomState(0).randn(400) * 1e39)
    places = np.r_[np.repeat(np.arange(250), 3), np.arange(250, 400)]
    noise = np.random.RandomState(1).randn(400)
    encoder = TableEncoder(min_frequency="auto")
    encoder.fit(frame.iloc[places], noise[places])
    assert encoder._repeated
    new = table(100, seed=1).assign(large=-1e300)
    rows = pd.concat([frame, new], ignore_index=True)
    np.testing.assert_array_equal(run_encoder(encoder, rows), encoder.transform(rows))
