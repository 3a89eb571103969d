from uuid import uuid4

import pytest
from django.db import transaction

from huanxin.kernel import requests
from huanxin.kernel.errors import RequestReused
from tests import given

pytestmark = pytest.mark.django_db


def test_a_repeated_request_gets_the_first_answer():
    actor, request_id = given.system(), uuid4()
    with transaction.atomic():
        assert requests.first_answer(actor, "demo.act", request_id, {"a": 1}) is None
        requests.remember(actor, "demo.act", request_id, {"number": "X1"})
    with transaction.atomic():
        again = requests.first_answer(actor, "demo.act", request_id, {"a": 1})
    assert again == {"number": "X1"}


def test_the_same_request_id_with_other_content_is_refused():
    actor, request_id = given.system(), uuid4()
    requests.first_answer(actor, "demo.act", request_id, {"a": 1})
    requests.remember(actor, "demo.act", request_id, {})
    with pytest.raises(RequestReused):
        requests.first_answer(actor, "demo.act", request_id, {"a": 2})


def test_another_operation_may_use_the_same_request_id():
    actor, request_id = given.system(), uuid4()
    assert requests.first_answer(actor, "demo.one", request_id, {}) is None
    assert requests.first_answer(actor, "demo.two", request_id, {}) is None
