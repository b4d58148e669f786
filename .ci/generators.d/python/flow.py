from client import ApiClient, Configuration
from client.api import MeetingsApi, ParticipantsApi, PledgesApi
from client.exceptions import ApiException
from client.models import MeetingPatch, NewMeeting, NewPledge, Problem
from told import KEY, KUWAIT, SLUG, URL

api = ApiClient(Configuration(host=URL, access_token=KEY))
meetings, pledges = MeetingsApi(api), PledgesApi(api)


def problem(request):
    try:
        request()
    except ApiException as refused:
        return refused.status, Problem.from_json(refused.body)
    raise AssertionError("it succeeded")


assert KUWAIT in [it.actual_instance.slug for it in meetings.list_meetings().items]

codes, after = [], None
while True:
    page = ParticipantsApi(api).list_participants(limit=100, after=after)
    codes += [it.actual_instance.code for it in page.items]
    after = page.next
    if after is None:
        break
assert len(codes) > 100 and "KWT" in codes

made = meetings.create_meeting_with_http_info(
    NewMeeting(slug=SLUG, titles={"en": "A flow", "ar": "تجربة"}, kind="ministerial", starts_on="2018-02-13")
)
assert made.status_code == 201
assert made.data.titles["ar"] == "تجربة"

grant = {"participant": "KWT", "meeting": SLUG, "instrument": "grant", "qualifier": "exact", "currency": "USD"}
batch = pledges.create_pledges([NewPledge(**grant, amount=amount) for amount in ("100.00", "200.00")])
assert batch.created == 2


def patch(city):
    return meetings.change_meeting(SLUG, MeetingPatch(city=city), if_match=made.headers["etag"])


assert patch("Kuwait").city == "Kuwait"
status, stale = problem(lambda: patch("Basra"))
assert (status, stale.code) == (412, "stale_version")

status, wrong = problem(lambda: pledges.create_pledge(NewPledge(**{**grant, "participant": "NOWHERE"}, amount="1.00")))
assert (status, wrong.errors[0].pointer) == (422, "/participant")

csv = pledges.list_pledges_csv(meeting=[SLUG], fields=["pledged", "currency"], sort="created_at")
assert csv == "pledged,currency\r\n100.00,USD\r\n200.00,USD\r\n", repr(csv)
