from hypothesis import given as generate
from hypothesis import strategies as st

from huanxin.kernel import money


@generate(
    st.integers(0, 10**12),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=6).filter(lambda w: sum(w) > 0),
)
def test_no_fen_is_lost_or_made_when_an_amount_is_split(amount_fen, weights):
    parts = money.split_fen(amount_fen, weights)
    assert sum(parts) == amount_fen
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * total - amount_fen * weight) < total
        assert weight or not part
