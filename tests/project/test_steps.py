"""The platform's own steps: each can be done, on a platform where nothing has happened yet."""

import pytest

from huanxin.kernel.actor import system_actor
from huanxin.project import reference, steps

pytestmark = pytest.mark.django_db


def test_every_step_can_be_done_on_a_new_platform():
    reference.load_reference()
    for step in steps.standard_steps():
        assert step.run(actor=system_actor()) in range(step.full), step.name
