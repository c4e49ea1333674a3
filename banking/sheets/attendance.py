"""Who came, as a sheet tells it: written with the sheet's money, all rows at once."""

from sqlalchemy.orm import Session

from banking.meetings import attendance_of, hold_meeting
from banking.sheets.keyed import KeyedSheet
from schema.meetings import Attendance, Meeting
from schema.writing import insert


def write_attendance(session: Session, keyed: KeyedSheet) -> Meeting:
    """Write down that the meeting was held, and the mark of every member of whom the sheet says one.

    A mark that the meeting's own list says already is not written again.

    raises   CancelledMeetingError
    """
    sheet = keyed.sheet
    meeting = hold_meeting(session, group_id=sheet.group_id, center_id=sheet.center_id, on=sheet.meeting_on)
    known = {one.client_id: one.mark for one in attendance_of(session, meeting.id)}
    insert(
        session,
        *(
            Attendance(meeting_id=meeting.id, client_id=line.client_id, mark=line.attendance)
            for line in keyed.lines
            if line.attendance and not line.is_group and known.get(line.client_id) != line.attendance
        ),
    )
    return meeting
