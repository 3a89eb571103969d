"""The map strip shows every stop inside its crop, and where in the city the crop lies."""

from huanxin.web import maps
from huanxin.web.recycler import strip
from huanxin.web.recycler.strip import Place

DEPOT = Place(36_457_000, 115_985_000, "仓", "depot")


def stop(n: int, lat_e6: int, lon_e6: int) -> Place:
    return Place(lat_e6, lon_e6, str(n), "next")


def test_every_pin_lies_in_the_crop_with_room_around():
    far = [stop(1, 36_520_000, 115_900_000), stop(2, 36_380_000, 116_060_000)]
    drawn = strip.draw([[DEPOT, *far, DEPOT]])
    assert len(drawn.pins) == 3  # the depot once, though the round ends where it began
    assert len(drawn.lines) == 1
    for pin in drawn.pins:
        assert drawn.crop.holds(pin.x - drawn.radius, pin.y - drawn.radius)
        assert drawn.crop.holds(pin.x + drawn.radius, pin.y + drawn.radius)


def test_a_single_stop_still_has_a_neighbourhood():
    drawn = strip.draw([[DEPOT]])
    assert (drawn.crop.width, drawn.crop.height) == (240, 120)
    assert drawn.lines == ()


def test_north_is_up_and_east_is_right():
    drawn = strip.draw([[stop(1, 36_500_000, 115_900_000), stop(2, 36_400_000, 116_000_000)]])
    first, second = sorted(drawn.pins, key=lambda pin: pin.place.label)
    assert first.y < second.y
    assert first.x < second.x


def test_the_small_map_keeps_out_of_the_way():
    corner = strip.draw([[stop(1, 36_500_000, 116_000_000), stop(2, 36_400_000, 115_900_000)]])
    assert not any(corner.inset.holds(pin.x, pin.y) for pin in corner.pins)
    assert corner.city == strip.Box(0, 0, maps.WIDTH, maps.projection(strip.FILE).height)


def test_nothing_to_visit_draws_nothing():
    assert strip.draw([]) is None
    assert strip.draw([[]]) is None
