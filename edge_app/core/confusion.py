"""The confusion matrix: how often what is was taken for what."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def confusion(
    found: Iterable[tuple[Hashable, Hashable]],
    true: Sequence[Hashable],
    given: Sequence[Hashable],
) -> NDArray[np.int64]:
    """Counts, int64 (true, given), of pairs of what something is and what it was taken for.

    true: what the rows are of. given: the columns. Pairs without a row or a column do not count.
    """
    counts = Counter(found)
    rows = [[counts[name, answer] for answer in given] for name in true]
    return np.array(rows, dtype=np.int64).reshape(len(true), len(given))
