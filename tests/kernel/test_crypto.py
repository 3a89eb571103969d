import pytest
from cryptography.exceptions import InvalidTag

from huanxin.kernel import crypto


def test_a_sealed_field_opens_only_with_its_own_key():
    mine, other = crypto.new_person_key(), crypto.new_person_key()
    sealed = crypto.seal(mine, "王小英")
    assert crypto.unseal(mine, sealed) == "王小英"
    assert "王".encode() not in sealed
    with pytest.raises(InvalidTag):
        crypto.unseal(other, sealed)


def test_a_token_that_was_altered_is_refused():
    token = crypto.sign_token({"pool": "p1", "until": 17})
    assert crypto.read_token(token) == {"pool": "p1", "until": 17}
    for altered in (token[:-2] + "AA", "x" + token, token.split(".")[0], "", "a.b.c"):
        with pytest.raises(crypto.TokenInvalid):
            crypto.read_token(altered)


def test_blind_indexes_differ_by_kind_and_reach():
    city = crypto.blind_index("document", "1")
    assert city == crypto.blind_index("document", "1")
    assert (
        len(
            {
                city,
                crypto.blind_index("phone", "1"),
                crypto.blind_index("document", "1", reach="province"),
            }
        )
        == 3
    )
