"""Groups, their offices and meetings by name, through the command line."""

from tests.support.pair import Pair

TODAY, NEXT = "2026-11-22", "2026-11-29"


def a_group(pair: Pair) -> tuple[str, str]:
    """Set up a group that meets on Sundays, with one member."""
    branch = pair.branch
    group = branch.do("group.create", name="Umoja", meeting_weekday=7, first_meeting_on=TODAY)["group"]
    return group, branch.do("client.register", name="Zawadi", group=group)["client"]


def test_a_group_is_changed_and_its_members_hold_offices(pair: Pair) -> None:
    branch = pair.branch
    group, member = a_group(pair)
    branch.do("center.create", name="Market", meeting_weekday=1)
    branch.do("center.change", center="Market", meeting_every_weeks=2)
    branch.do(
        "group.change", group=group, to_center="Market", meeting_weekday="none", first_meeting_on="none"
    )
    listed = {one["number"]: one for one in branch.do("group.list")["places"]}
    assert (listed[group]["weekday"], listed[group]["every_weeks"], listed[group]["center"]) == (
        1,
        2,
        "Market",
    )
    held = branch.do("group.role_give", group=group, client=member, role="leader")
    branch.do("group.role_end", role=held["id"])
    assert [one["until"] for one in branch.do("group.roles", group=group)["roles"]] == [TODAY]
    assert branch.refused("group.close", group=group) == [("", "STATUS")]
    branch.do("group.join", client=member)
    assert branch.do("group.close", group=group)["state"] == "closed"


def test_a_meeting_is_held_noted_attended_and_fined(pair: Pair) -> None:
    branch = pair.branch
    group, member = a_group(pair)
    branch.do("meeting.note", group=group, on=TODAY, agenda="New officer")
    held = branch.do("meeting.hold", group=group, on=TODAY, minutes="All agreed")
    assert (held["state"], held["agenda"], held["minutes"]) == ("held", "New officer", "All agreed")
    marked = branch.do("meeting.attend", group=group, on=TODAY, client=member, mark="LP")
    assert [(one["client"], one["mark"]) for one in marked["attendance"]] == [(member, "LP")]
    assert branch.refused("meeting.attend", group=group, on=TODAY, client=member, mark="Z") == [
        ("mark", "BAD_VALUE")
    ]
    assert branch.refused("meeting.hold", on=TODAY) == [("", "ONE_PLACE")]
    assert branch.refused("meeting.fine", client=member, amount="5.00", on=TODAY) == [("", "NOTHING_TO_FINE")]
    savings = branch.do("savings.open", client=member, product="SAVE", on=TODAY)["account"]
    assert branch.refused("meeting.fine", client=member, amount="5.00", on=TODAY) == [
        ("", "INSUFFICIENT_FUNDS")
    ]
    branch.do("savings.deposit", account=savings, amount="20.00", on=TODAY)
    fined = branch.do("meeting.fine", client=member, amount="5.00", on=TODAY, note="late")
    assert (fined["on"], fined["kind"], fined["amount"]) == (savings, "savings", "5.00")


def test_a_meeting_is_moved_after_it_was_shown(pair: Pair) -> None:
    """What is shown is what is done; a day is closed for all meetings at once."""
    branch = pair.branch
    group, _ = a_group(pair)
    shown = branch.do("meeting.show_move", group=group, on=NEXT, to="2026-11-30")
    assert branch.do("meeting.move", group=group, on=NEXT, to="2026-11-30", reason="Rain") == shown
    days = branch.do("meeting.list", **{"from": TODAY, "to": "2026-12-06"})["meetings"]
    assert [one["on"] for one in days] == [TODAY, "2026-11-30", "2026-12-06"]
    closed = branch.do("meeting.show_closed_day", on="2026-12-06")
    assert branch.do("meeting.close_day", on="2026-12-06", reason="Election") == closed
    days = branch.do("meeting.list", **{"from": "2026-12-06", "to": "2026-12-06"})["meetings"]
    assert [one["state"] for one in days] == ["cancelled"]
    assert branch.refused("meeting.move", group=group, on="2026-12-06", reason="x") == [
        ("", "NO_MEETING_THAT_DAY")
    ]
