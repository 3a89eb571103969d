from datetime import UTC, datetime, timedelta

import pytest

from huanxin.kernel import clock, ids

AT = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


def test_ids_are_reproducible_from_clock_and_seed_and_sort_by_time():
    with clock.standing_at(AT):
        ids.seed(7)
        first = ids.new_id()
        ids.seed(7)
        again = ids.new_id()
    with clock.standing_at(AT + timedelta(seconds=1)):
        later = ids.new_id()
    ids.seed(None)
    assert first == again
    assert first.version == 7
    assert first < later


@pytest.mark.django_db
def test_the_platform_clock_reads_what_it_was_set_to_and_runs_on():
    clock.set_clock(AT)
    try:
        assert timedelta(0) <= clock.now() - AT < timedelta(seconds=30)
    finally:
        clock.set_clock(datetime.fromtimestamp(__import__("time").time(), UTC))
        clock._cached["read"] = float("-inf")


@pytest.mark.django_db
def test_numbers_are_unique_and_carry_their_check_digit():
    numbers = ids.new_numbers("HS", 50, on=AT.date(), region_code="371502")
    assert len(set(numbers)) == 50
    assert all(ids.is_number(number) for number in numbers)
    assert not ids.is_number(numbers[0][:-1] + str((int(numbers[0][-1]) + 1) % 10))
