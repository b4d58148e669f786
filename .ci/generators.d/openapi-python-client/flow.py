from client import AuthenticatedClient
from client.api.meetings import change_meeting, create_meeting, list_meetings
from client.api.participants import list_participants
from client.api.pledges import create_pledge, create_pledges, list_pledges_csv
from client.models import (
    ListPledgesCsvFieldsItem,
    ListPledgesCsvSort,
    MeetingKind,
    MeetingPatch,
    NewMeeting,
    NewPledge,
    Problem,
)
from client.types import UNSET
from told import KEY, KUWAIT, SLUG, URL

client = AuthenticatedClient(base_url=URL, token=KEY)

assert KUWAIT in [it.slug for it in list_meetings.sync(client=client).items]

codes, after = [], UNSET
while True:
    page = list_participants.sync(client=client, limit=100, after=after)
    codes += [it.code for it in page.items]
    after = page.next_
    if after is None:
        break
assert len(codes) > 100 and "KWT" in codes

made = create_meeting.sync_detailed(
    client=client,
    body=NewMeeting.from_dict(
        {"slug": SLUG, "titles": {"en": "A flow", "ar": "تجربة"}, "kind": MeetingKind.MINISTERIAL, "starts_on": "2018-02-13"}
    ),
)
assert made.status_code == 201
assert made.parsed.titles["ar"] == "تجربة"

grant = {"participant": "KWT", "meeting": SLUG, "instrument": "grant", "qualifier": "exact", "currency": "USD"}
batch = create_pledges.sync(client=client, body=[NewPledge.from_dict({**grant, "amount": amount}) for amount in ("100.00", "200.00")])
assert batch.created == 2


def patch(city):
    return change_meeting.sync_detailed(SLUG, client=client, body=MeetingPatch(city=city), if_match=made.headers["ETag"])


assert patch("Kuwait").parsed.city == "Kuwait"
stale = patch("Basra")
assert isinstance(stale.parsed, Problem)
assert (stale.status_code, stale.parsed.code) == (412, "stale_version")

wrong = create_pledge.sync_detailed(client=client, body=NewPledge.from_dict({**grant, "participant": "NOWHERE", "amount": "1.00"}))
assert (wrong.status_code, wrong.parsed.errors[0].pointer) == (422, "/participant")

csv = list_pledges_csv.sync(
    client=client,
    meeting=[SLUG],
    fields=[ListPledgesCsvFieldsItem.PLEDGED, ListPledgesCsvFieldsItem.CURRENCY],
    sort=ListPledgesCsvSort.CREATED_AT,
)
assert csv == "pledged,currency\r\n100.00,USD\r\n200.00,USD\r\n", repr(csv)
