"""Dots of a bin: each person once, inside the bin, apart from each other, the same each time."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from trialkit.present.swarm import (
    LARGEST,
    MOST_IN_ALL,
    people_a_dot,
    swarm_of,
    swarm_places,
)

people = st.dictionaries(st.integers(0, 10).map(float), st.integers(1, 60), min_size=1)


@given(people, st.floats(6, 40), st.floats(20, 160), st.sampled_from(["before", "middle", "after"]))
def test_every_person_has_a_place_of_their_own_in_the_bin(counts, depth, room, anchor):
    swarm = swarm_of(max(counts.values()), depth=depth, room=room)

    places = swarm_places(counts, swarm, room=room, anchor=anchor)

    for centre, count in counts.items():
        here = [(along, across) for value, along, across in places if value == centre]
        assert len(here) == count
        for one, other in combinations(here, 2):
            apart = ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5
            assert apart > 0.99 * swarm.pitch
        assert all(abs(along) <= depth / 2 for along, _ in here)
        assert all(abs(across) <= room for _, across in here)
    assert places == swarm_places(counts, swarm, room=room, anchor=anchor)


def test_dots_lie_on_the_side_that_is_asked_for():
    swarm = swarm_of(3, depth=17, room=40)

    before, after = (
        [across for *_, across in swarm_places({5.0: 3}, swarm, room=40, anchor=anchor)]
        for anchor in ("before", "after")
    )
    middle = [across for *_, across in swarm_places({5.0: 3}, swarm, room=40, anchor="middle")]

    assert max(before) < 0 < min(after)
    assert sum(middle) == 0


def test_few_people_have_large_dots_and_many_small_ones():
    assert swarm_of(4, depth=17, room=40).pitch == LARGEST
    few, many = (swarm_of(most, depth=17, room=40).pitch for most in (40, 300))
    assert many < few < LARGEST


def test_too_many_people_share_dots_and_every_bin_has_one():
    counts = {0.0: 2410, 1.0: 3}
    people = people_a_dot([counts])
    swarm = swarm_of(2410, depth=17, room=40, people=people)

    places = swarm_places(counts, swarm, room=40, anchor="middle")

    assert people == 20
    assert len([place for place in places if place[0] == 0.0]) == -(-2410 // 20)
    assert len([place for place in places if place[0] == 1.0]) == 1


def test_many_panels_are_drawn_with_a_bounded_number_of_dots():
    panels = [dict.fromkeys(map(float, range(11)), 190) for _ in range(32)]
    people = people_a_dot(panels)

    dots = sum(-(-count // people) for panel in panels for count in panel.values())

    assert people_a_dot(panels[:2]) == 1
    assert dots <= MOST_IN_ALL
