"""Clients, groups, centers and staff by name, through the command line."""

from tests.support.pair import Pair


def test_people_come_in_and_are_found_again(pair: Pair) -> None:
    """An officer, a center, a group in it and two members, one of whom moves out of the group."""
    branch = pair.branch
    branch.do("staff.create", name="Otieno")
    branch.do("center.create", name="Market", officer="Otieno", meeting_weekday=3, meeting_every_weeks=1)
    group = branch.do("group.create", name="Umoja", center="Market", officer="Otieno")["group"]
    first = branch.do("client.register", name="Achieng", given_name="Mary", born_on="1990-05-01", group=group)
    assert (first["group"], first["alike"]) == (group, [])
    again = branch.do("client.register", name="achieng", given_name="Mary", born_on="1990-11-30", group=group)
    assert [(one["client"], one["why"]) for one in again["alike"]] == [
        (first["client"], "name_and_birth_year")
    ]
    members = branch.do("group.members", group=group)["members"]
    assert [one["client"] for one in members] == [first["client"], again["client"]]
    assert branch.do("group.join", client=again["client"])["group"] is None
    changed = branch.do("client.change", client=first["client"], village="Kiminini")
    assert (changed["village"], changed["given_name"]) == ("Kiminini", "Mary")
    found = branch.do("client.find", text="mary ach")["clients"]
    assert {one["client"] for one in found} == {first["client"], again["client"]}


def test_what_is_wrong_with_a_person_is_said_field_by_field(pair: Pair) -> None:
    """All reasons at once, and nobody is registered."""
    told = pair.branch.refused("client.register", name="Ann", gender="q", born_on="1990-02-30", group="G-1")
    assert [field for field, _ in told] == ["gender", "born_on", "group"]
    assert pair.branch.do("client.find", text="Ann")["clients"] == []
