"""The tree's arithmetic against the words of RFC 9162, and every proof against its forgeries."""

import hashlib
import random

import pytest

from huanxin.kernel import tree


def _reference_root(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word by word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    left, right = _reference_root(leaves[:k]), _reference_root(leaves[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def _reference_consistency(m: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 9162, 2.1.4.1 SUBPROOF, word by word."""
    n = len(leaves)
    if m == n:
        return [] if whole else [_reference_root(leaves)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*_reference_consistency(m, leaves[:k], whole=whole), _reference_root(leaves[k:])]
    return [
        *_reference_consistency(m - k, leaves[k:], whole=False),
        _reference_root(leaves[:k]),
    ]


def _leaves(count: int) -> list[bytes]:
    return [tree.leaf_hash(str(i).encode()) for i in range(count)]


def _nodes(count: int) -> dict[tuple[int, int], bytes]:
    return {(level, at): value for level, at, value in tree.grow(0, {}, _leaves(count))}


def test_a_tree_grown_in_any_steps_has_the_root_of_the_standard():
    chance = random.Random(9162)
    for _ in range(40):
        size, nodes = 0, {}
        while size < 70:
            step = chance.randint(1, 13)
            peaks = {key: nodes[key] for key in tree.subtrees(0, size)}
            fresh = tree.grow(size, peaks, _leaves(size + step)[size:])
            nodes |= {(level, at): value for level, at, value in fresh}
            size += step
            root = tree.fold([nodes[key] for key in tree.subtrees(0, size)])
            assert root == _reference_root(_leaves(size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33])
def test_every_leaf_can_be_proved_and_nothing_else(size):
    nodes, root = _nodes(size), _reference_root(_leaves(size))
    for position in range(size):
        inside, folded = tree.inclusion_keys(position, size)
        path = [nodes[key] for key in inside]
        path += [tree.fold([nodes[key] for key in keys]) for keys in folded]
        leaf = nodes[0, position]
        assert tree.climb(position, size, leaf, path) == root
        assert tree.climb(position, size, tree.leaf_hash(b"other"), path) != root
        assert tree.climb(position, size, leaf, [*path, root]) != root
        if path:
            assert tree.climb(position, size, leaf, path[:-1]) != root
            assert tree.climb((position + 1) % size, size, leaf, path) != root


def test_each_earlier_tree_is_proved_to_be_the_start_of_each_later():
    for second in range(1, 34):
        leaves = _leaves(second)
        for first in range(1, second + 1):
            path = [_reference_root(leaves[a:b]) for a, b in tree.consistency_ranges(first, second)]
            assert path == _reference_consistency(first, leaves)
            roots = _reference_root(leaves[:first]), _reference_root(leaves)
            assert tree.extends(first, roots[0], second, roots[1], path)
            other = tree.leaf_hash(b"rewritten")
            assert not tree.extends(first, other, second, roots[1], path)
            assert not tree.extends(first, roots[0], second, other, path) or first == second == 0
            if path:
                assert not tree.extends(first, roots[0], second, roots[1], path[:-1])
