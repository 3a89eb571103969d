"""Arithmetic of a Merkle tree that only grows (RFC 9162, section 2.1). Pure, no database.

A tree of n leaves is a row of complete subtrees, one for each set bit of n, largest first. Nodes
are named (level, position): level 0 are leaf hashes, a node of level k covers 2**k leaves.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence

Key = tuple[int, int]  # level, position
Fetch = Callable[[Sequence[Key]], Mapping[Key, bytes]]


def leaf_hash(digest: bytes) -> bytes:
    """RFC 9162, 2.1.1: a leaf is hashed with a 0x00 prefix."""
    return hashlib.sha256(b"\x00" + digest).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1: an inner node is hashed with a 0x01 prefix."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtrees(first: int, end: int) -> list[Key]:
    """The complete subtrees that make up leaves first … end-1, left to right.

    >>> subtrees(0, 7), subtrees(4, 7)
    ([(2, 0), (1, 2), (0, 6)], [(1, 2), (0, 6)])
    """
    keys = []
    while first < end:
        level = (end - first).bit_length() - 1
        if first:
            level = min(level, (first & -first).bit_length() - 1)
        keys.append((level, first >> level))
        first += 1 << level
    return keys


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring complete subtrees of falling size."""
    value = hashes[-1]
    for left in reversed(hashes[:-1]):
        value = node_hash(left, value)
    return value


def grow(
    size: int, peaks: Mapping[Key, bytes], leaves: Sequence[bytes]
) -> list[tuple[int, int, bytes]]:
    """Every node that appending `leaves` to a tree of `size` completes, leaf level first."""
    fresh: list[tuple[int, int, bytes]] = []
    level, start, run = 0, size, list(leaves)
    while run:
        fresh.extend((level, start + i, value) for i, value in enumerate(run))
        if start & 1:  # the left sibling was there before
            start, run = start - 1, [peaks[level, start - 1], *run]
        pairs = range(0, len(run) - 1, 2)
        run = [node_hash(run[i], run[i + 1]) for i in pairs]
        level, start = level + 1, start >> 1
    return fresh


def inclusion_keys(position: int, size: int) -> tuple[list[Key], list[list[Key]]]:
    """What an inclusion proof is made of: siblings inside the leaf's own complete subtree, then
    the neighbouring leaves that each further step folds together, in the proof's order."""
    own = next((lv, at) for lv, at in subtrees(0, size) if position >> lv == at)
    inside = [(level, (position >> level) ^ 1) for level in range(own[0])]
    peaks = subtrees(0, size)
    mine = peaks.index(own)
    beside = [peaks[mine + 1 :]] if mine + 1 < len(peaks) else []
    return inside, [*beside, *([key] for key in reversed(peaks[:mine]))]


def consistency_ranges(first: int, second: int) -> list[tuple[int, int]]:
    """The leaf ranges whose roots prove that `first` leaves are the start of `second` (2.1.4.1).

    >>> consistency_ranges(3, 7), consistency_ranges(4, 7)
    ([(2, 3), (3, 4), (0, 2), (4, 7)], [(4, 7)])
    """
    ranges: list[tuple[int, int]] = []
    low, high, whole = 0, second, True
    steps: list[tuple[int, int]] = []
    while first != high:
        middle = low + (1 << ((high - low - 1).bit_length() - 1))
        if first <= middle:
            steps.append((middle, high))
            high = middle
        else:
            steps.append((low, middle))
            low, whole = middle, False
    if not whole:
        ranges.append((low, high))
    return [*ranges, *reversed(steps)]


def climb(position: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion path leads to (2.1.3.2); None if its length does not fit."""
    fn, sn, value = position, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            value = node_hash(sibling, value)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node_hash(value, sibling)
        fn, sn = fn >> 1, sn >> 1
    return value if sn == 0 else None


def extends(
    first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a consistency proof holds (2.1.4.2): the larger tree begins with the smaller."""
    if first == second:
        return not path and first_root == second_root
    if not 0 < first < second or not path:
        return False
    rest = list(path)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    seed = first_root if first & (first - 1) == 0 else rest.pop(0)
    old = new = seed
    for step in rest:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(step, old), node_hash(step, new)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == first_root and new == second_root
