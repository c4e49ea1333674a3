"""Announcements down and messages up, through real bundles; notices to the clerk."""

from tests.support.pair import Pair


def test_messages_travel_up_and_announcements_down(pair: Pair) -> None:
    """To all, to one branch and to one of its groups; withdrawn ones are shown no longer."""
    group = pair.branch.do("group.create", name="Umoja")["group"]
    pair.branch.do("message.write", group=group, text="The box has a new lock")
    pair.branch.do("message.write", text="The road is flooded", until="2026-11-30")
    pair.meet()
    told = pair.hq.do("message.all")["messages"]
    assert [(one["group"], one["text"]) for one in told] == [
        (None, "The road is flooded"),
        ("Umoja", "The box has a new lock"),
    ]
    pair.hq.do("announcement.publish", text="Rates stay")
    alone = pair.hq.do("announcement.publish", text="Auditors come", office="KIT")
    to_group = pair.hq.do("announcement.publish", text="Well done", group=group, until="2026-12-31")
    assert (alone["office"], to_group["group"]) == ("Kitale", "Umoja")
    pair.carry("hq", "branch")
    notices = pair.branch.do("notice.list")["notices"]
    assert [one["text"] for one in notices if one["kind"] == "announcement"] == [
        "Headquarters to a group: Well done",
        "Headquarters: Auditors come",
        "Headquarters: Rates stay",
    ]
    pair.hq.do("announcement.withdraw", announcement=alone["announcement"])
    pair.carry("hq", "branch")
    notices = pair.branch.do("notice.list")["notices"]
    assert len([one for one in notices if one["kind"] == "announcement"]) == 2
    assert len(pair.hq.do("announcement.list")["announcements"]) == 3
    assert pair.run("branch", "verify")["ok"] is True
    assert pair.run("hq", "verify")["ok"] is True


def test_what_is_told_to_nobody_or_never_is_refused(pair: Pair) -> None:
    assert pair.hq.refused("announcement.publish", text=" ") == [("", "MISSING")]
    assert pair.hq.refused("announcement.publish", text="x", office="HQ") == [("", "BAD_VALUE")]
    assert pair.hq.refused("announcement.publish", text="x", until="2001-01-01") == [("", "BAD_VALUE")]
    assert pair.branch.refused("message.write", text="x", until="2001-01-01") == [("", "BAD_VALUE")]
    assert [one["text"] for one in pair.branch.do("message.list")["messages"]] == []


def test_an_approved_loan_that_waits_is_told(pair: Pair) -> None:
    client = pair.branch.do("client.register", name="Zawadi")["client"]
    loan = pair.branch.do("loan.apply", product="WEEKLY", principal="1000.00", client=client)["loan"]
    pair.branch.do("loan.approve", loan=loan)
    told = {one["kind"]: one for one in pair.branch.do("notice.list")["notices"]}
    assert told["to_pay_out"]["text"] == "Approved loans that wait to be paid out: 1."
    assert told["to_pay_out"]["tone"] == "waiting"
