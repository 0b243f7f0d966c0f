"""The few inner loops of Runut: compiled, without strings, releasing the interpreter's lock.

Every array is one-dimensional. `offsets` of n cases has n + 1 entries; case i owns the rows
offsets[i] to offsets[i + 1]. Times are microseconds, durations whole milliseconds.
"""

import numba
import numpy as np
import numpy.typing as npt

Int8s = npt.NDArray[np.int8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]
UInt8s = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

UNKNOWN = int(np.iinfo(np.int64).min)
"""A moment or a duration that nobody told."""

FNV_BASIS = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)
SECOND_BASIS = np.uint64(0xD6E8FEB86659FD93)


@numba.njit(cache=True, nogil=True, inline="always")
def mix(x: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64: every input bit moves every output bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def hash_bytes(offsets: Int64s, content: UInt8s, out: UInt64s) -> None:
    """FNV-1a of content[offsets[i]:offsets[i+1]] into out[i]."""
    for row in range(out.size):
        h = FNV_BASIS
        for position in range(offsets[row], offsets[row + 1]):
            h = (h ^ np.uint64(content[position])) * FNV_PRIME
        out[row] = mix(h)


@numba.njit(cache=True, nogil=True)
def fold(state: UInt64s, column: UInt64s) -> None:
    """Take one more column into a running fingerprint, in place."""
    for row in range(state.size):
        state[row] = mix((state[row] ^ column[row]) * FNV_PRIME + np.uint64(1))


@numba.njit(cache=True, nogil=True)
def distinct(keys: Int64s) -> tuple[Int32s, Int64s]:
    """Code every key by order of appearance: (codes[n], distinct keys in that order)."""
    n = keys.size
    codes = np.empty(n, np.int32)
    size = 1024
    slots = np.full(size, -1, np.int32)
    found = np.empty(512, np.int64)
    count = 0
    previous_code = np.int32(-1)
    for row in range(n):
        key = keys[row]
        # Neighbours are mostly of one case (files, clustered lakes): no look-up then.
        if previous_code >= 0 and found[previous_code] == key:
            codes[row] = previous_code
            continue
        slot = np.int64(mix(np.uint64(key)) & np.uint64(size - 1))
        while slots[slot] >= 0 and found[slots[slot]] != key:
            slot = (slot + 1) & (size - 1)
        if slots[slot] < 0:
            if count == found.size:
                size *= 4
                slots = np.full(size, -1, np.int32)
                more = np.empty(found.size * 4, np.int64)
                more[:count] = found[:count]
                found = more
                for code in range(count):
                    at = np.int64(mix(np.uint64(found[code])) & np.uint64(size - 1))
                    while slots[at] >= 0:
                        at = (at + 1) & (size - 1)
                    slots[at] = code
                slot = np.int64(mix(np.uint64(key)) & np.uint64(size - 1))
                while slots[slot] >= 0:
                    slot = (slot + 1) & (size - 1)
            slots[slot] = count
            found[count] = key
            count += 1
        previous_code = slots[slot]
        codes[row] = previous_code
    return codes, found[:count]


@numba.njit(cache=True, nogil=True)
def ascending(keys: Int64s) -> bool:
    """Whether the rows of keys [n, k] stand in order, no row twice."""
    for row in range(1, keys.shape[0]):
        for column in range(keys.shape[1]):
            if keys[row - 1, column] < keys[row, column]:
                break
            if keys[row - 1, column] > keys[row, column] or column == keys.shape[1] - 1:
                return False
    return True


@numba.njit(cache=True, nogil=True)
def merged(one: Int64s, other: Int64s) -> Int64s:
    """The order of the rows of one [n, k] and then other [m, k], both in order; shape [n + m]."""
    n, m = one.shape[0], other.shape[0]
    out = np.empty(n + m, np.int64)
    i = j = 0
    for at in range(n + m):
        first = i < n
        if first and j < m:
            for column in range(one.shape[1]):
                if one[i, column] != other[j, column]:
                    first = one[i, column] < other[j, column]
                    break
        if first:
            out[at] = i
            i += 1
        else:
            out[at] = n + j
            j += 1
    return out


@numba.njit(cache=True, nogil=True)
def tied_rows(offsets: Int64s, rows: Int32s, timestamp: Int64s, sequence: Int64s) -> Bools:
    """Which places in case order share (timestamp, sequence) with a neighbour of their case."""
    tied = np.zeros(rows.size, np.bool_)
    for case in range(offsets.size - 1):
        for index in range(offsets[case] + 1, offsets[case + 1]):
            a, b = rows[index - 1], rows[index]
            if timestamp[a] == timestamp[b] and sequence[a] == sequence[b]:
                tied[index - 1] = True
                tied[index] = True
    return tied


@numba.njit(cache=True, nogil=True)
def keep_rows(offsets: Int64s, keep: Bools) -> tuple[Int64s, Int64s]:
    """The offsets and places that remain when only rows with keep[row] stay; cases all stay."""
    out = np.zeros(offsets.size, np.int64)
    places = np.empty(keep.size, np.int64)
    at = 0
    for case in range(offsets.size - 1):
        for row in range(offsets[case], offsets[case + 1]):
            if keep[row]:
                places[at] = row
                at += 1
        out[case + 1] = at
    return out, places[:at]


@numba.njit(cache=True, nogil=True)
def recode(codes: Int32s, places: Int32s) -> None:
    """Put places[code] for each code that is not null (-1), in place."""
    for row in range(codes.size):
        if codes[row] >= 0:
            codes[row] = places[codes[row]]


@numba.njit(cache=True, nogil=True)
def first_values(offsets: Int64s, codes: Int32s) -> Int32s:
    """Per case the first code that is not null (-1); -1 where all are."""
    out = np.full(offsets.size - 1, -1, np.int32)
    for case in range(offsets.size - 1):
        for row in range(offsets[case], offsets[case + 1]):
            if codes[row] >= 0:
                out[case] = codes[row]
                break
    return out


@numba.njit(cache=True, nogil=True)
def last_values(offsets: Int64s, codes: Int32s) -> Int32s:
    """Per case the last code that is not null (-1); -1 where all are."""
    out = np.full(offsets.size - 1, -1, np.int32)
    for case in range(offsets.size - 1):
        for row in range(offsets[case + 1] - 1, offsets[case] - 1, -1):
            if codes[row] >= 0:
                out[case] = codes[row]
                break
    return out


@numba.njit(cache=True, nogil=True)
def changing_cases(offsets: Int64s, codes: Int32s) -> int:
    """How many cases carry more than one value that is not null."""
    count = 0
    for case in range(offsets.size - 1):
        seen = np.int32(-1)
        for row in range(offsets[case], offsets[case + 1]):
            if codes[row] >= 0:
                if seen >= 0 and codes[row] != seen:
                    count += 1
                    break
                seen = codes[row]
    return count


@numba.njit(cache=True, nogil=True)
def sequence_hashes(offsets: Int64s, label_keys: Int64s, activity: Int32s) -> UInt64s:
    """Two independent 64-bit hashes of each case's sequence of activities; shape [2 * n]."""
    cases = offsets.size - 1
    out = np.empty(2 * cases, np.uint64)
    for case in range(cases):
        a, b = FNV_BASIS, SECOND_BASIS
        for row in range(offsets[case], offsets[case + 1]):
            key = np.uint64(label_keys[activity[row]])
            a = mix((a ^ key) * FNV_PRIME + np.uint64(1))
            b = mix((b ^ key) * FNV_PRIME + np.uint64(3))
        out[2 * case] = a
        out[2 * case + 1] = b
    return out


@numba.njit(cache=True, nogil=True)
def count_codes(codes: Int32s, labels: int) -> Int64s:
    """How often each code occurs, nulls (-1) aside; shape [labels]."""
    out = np.zeros(labels, np.int64)
    for row in range(codes.size):
        if codes[row] >= 0:
            out[codes[row]] += 1
    return out


@numba.njit(cache=True, nogil=True)
def count_executions(
    offsets: Int64s, activity: Int32s, activities: int
) -> tuple[Int64s, Int64s, Int64s]:
    """Per activity: executions, cases with at least one, cases with more; each [activities]."""
    executions = np.zeros(activities, np.int64)
    cases = np.zeros(activities, np.int64)
    repeated = np.zeros(activities, np.int64)
    last_case = np.full(activities, -1, np.int64)
    last_repeat = np.full(activities, -1, np.int64)
    for case in range(offsets.size - 1):
        for row in range(offsets[case], offsets[case + 1]):
            a = activity[row]
            executions[a] += 1
            if last_case[a] != case:
                last_case[a] = case
                cases[a] += 1
            elif last_repeat[a] != case:
                last_repeat[a] = case
                repeated[a] += 1
    return executions, cases, repeated
