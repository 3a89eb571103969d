"""The generated client, imported from the file a developer downloads, against a live server."""

import contextlib
import importlib.util
import sys

import pytest

from huanxin.api import clientmaker
from huanxin.catalogue import selectors as catalogue
from tests import given_accounts, given_catalogue


@pytest.fixture
def module(live_server, tmp_path):
    """What a developer has after `curl -O …/api/v1/client.py`."""
    import urllib.request

    with urllib.request.urlopen(f"{live_server.url}/api/v1/client.py", timeout=30) as answer:
        source = answer.read()
    path = tmp_path / "huanxin_client.py"
    path.write_bytes(source)
    spec = importlib.util.spec_from_file_location("huanxin_client", path)
    found = importlib.util.module_from_spec(spec)
    sys.modules["huanxin_client"] = found
    spec.loader.exec_module(found)
    yield found
    del sys.modules["huanxin_client"]


@pytest.mark.django_db(transaction=True)
def test_the_downloaded_client_talks_to_the_platform(module, live_server):
    given_catalogue.reference()
    keeper = given_accounts.keeper()
    issued = given_accounts.key(keeper, "policy.read", "catalogue.file", "claims.read")
    client = module.Client(live_server.url, issued.secret)
    assert client.accounts_me()["org_id"] == str(keeper.org_id)
    assert client.claims_list_claims()["total"] == 0
    assert [row["uscc"] for row in client.rows("shops", limit=1)]
    text = "商品条码,品牌,型号,品类\n4006381333931,海尔,B1,refrigerator\n"
    file, key = ("m.csv", text.encode()), module.new_key()
    first = client.exchange_import_list(
        name="models", file=file, is_trial=False, idempotency_key=key
    )
    again = client.exchange_import_list(
        name="models", file=file, is_trial=False, idempotency_key=key
    )
    assert first == again
    assert (first["is_applied"], first["created_count"]) == (True, 1)
    assert catalogue.find_model("4006381333931").brand == "海尔"
    assert client.policy_get_model(gtin="4006381333931")["brand"] == "海尔"


@pytest.mark.django_db(transaction=True)
def test_a_refusal_comes_with_its_code_and_what_to_do(module, live_server):
    issued = given_accounts.key(given_accounts.keeper(), "claims.read")
    client = module.Client(live_server.url, issued.secret)
    with pytest.raises(module.Refused) as refused:
        client.exchange_read_list(name="payments")
    assert (refused.value.status, refused.value.code) == (403, "identity.not_allowed")
    assert refused.value.detail.endswith("。")
    with pytest.raises(module.Refused) as unknown:
        module.Client(live_server.url, "hxk_0_0").accounts_me()
    assert unknown.value.code == "api.unauthenticated"


@pytest.mark.django_db(transaction=True)
def test_the_client_waits_as_long_as_it_is_told(module, live_server, monkeypatch):
    issued = given_accounts.key(given_accounts.keeper(), per_minute=1)
    waited = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    client = module.Client(live_server.url, issued.secret, retries=1)
    client.accounts_me()
    with contextlib.suppress(module.Refused):  # or the next minute has just begun
        for _ in range(2):
            client.accounts_me()
    assert len(waited) == 1
    assert 0 < waited[0] <= 60


@pytest.mark.django_db
def test_the_same_document_gives_the_same_client():
    from huanxin.api.v1 import api

    document = api.get_openapi_schema()
    source = clientmaker.client_source(document)
    assert source == clientmaker.client_source(api.get_openapi_schema())
    operations = [one for verbs in document["paths"].values() for one in verbs.values()]
    assert source.count("    def ") - source.split("class Client(Connection)")[0].count(
        "    def "
    ) == len(operations)
    compile(source, "huanxin_client.py", "exec")
