"""Loops over rows of which most columns are 0: only those that are not are visited.

`code` [rows, parts] tells which column of each part is 1 (-1: none); `number` [rows, some] are
columns of numbers, less their means in the stratum, which stand at `column` [some].
"""

import numba
import numpy as np

from eventlog.kernels import Int64s
from miners.shares import Floats


@numba.njit(cache=True, nogil=True)
def column_means(code: Int64s, stratum: Int64s, size: Floats, columns: int) -> Floats:
    """The mean in each stratum of the columns that are 0 or 1; [strata, columns]."""
    out = np.zeros((size.size, columns))
    for row in range(code.shape[0]):
        for part in range(code.shape[1]):
            if code[row, part] >= 0:
                out[stratum[row], code[row, part]] += 1
    for each in range(size.size):
        for place in range(columns):
            out[each, place] /= size[each]
    return out


@numba.njit(cache=True, nogil=True)
def number_deviations(number: Floats, stratum: Int64s, size: Floats) -> None:
    """Take from each number the mean of its column in its stratum, in place; [rows, some].

    The first number of a stratum goes off before the mean: what is constant in it is 0, exactly.
    """
    first = np.zeros((size.size, number.shape[1]))
    total = np.zeros((size.size, number.shape[1]))
    seen = np.zeros(size.size, np.bool_)
    for row in range(number.shape[0]):
        each = stratum[row]
        for place in range(number.shape[1]):
            if not seen[each]:
                first[each, place] = number[row, place]
            number[row, place] -= first[each, place]
            total[each, place] += number[row, place]
        seen[each] = True
    for row in range(number.shape[0]):
        each = stratum[row]
        for place in range(number.shape[1]):
            number[row, place] -= total[each, place] / size[each]


@numba.njit(cache=True, nogil=True)
def add_products(code: Int64s, number: Floats, column: Int64s, out: Floats) -> None:
    """Add up the products of each two columns into `out` [columns, columns]."""
    for row in range(code.shape[0]):
        for part in range(code.shape[1]):
            one = code[row, part]
            if one >= 0:
                for other in range(code.shape[1]):
                    if code[row, other] >= 0:
                        out[one, code[row, other]] += 1
                for place in range(number.shape[1]):
                    out[one, column[place]] += number[row, place]
                    out[column[place], one] += number[row, place]
        for place in range(number.shape[1]):
            for other in range(number.shape[1]):
                out[column[place], column[other]] += number[row, place] * number[row, other]


@numba.njit(cache=True, nogil=True)
def times(
    code: Int64s,
    number: Floats,
    column: Int64s,
    stratum: Int64s,
    weights: Floats,
    of_means: Floats,
    out: Floats,
) -> None:
    """Deviations times `weights` [columns, some], less `of_means` [strata, some], into `out`."""
    for row in range(code.shape[0]):
        for place in range(weights.shape[1]):
            out[row, place] = -of_means[stratum[row], place]
        for part in range(code.shape[1]):
            if code[row, part] >= 0:
                for place in range(weights.shape[1]):
                    out[row, place] += weights[code[row, part], place]
        for each in range(number.shape[1]):
            for place in range(weights.shape[1]):
                out[row, place] += number[row, each] * weights[column[each], place]
