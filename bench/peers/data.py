"""What every engine holds: always the same pledges, as the generator has a seed.

200 participants; 1,000 meetings, one of them hot: it has 10,000 of the 100,000 pledges, the others have 90 each. An
ordinary meeting has three of ten currencies, the hot one all of them. Of every hundred pledges some thirteen state no
amount; of the rest six in ten are exact, and one each about, up to, at least and between. There are no restatements, no
parts and no events, so that a plain sum of a column is what a register answers too.
"""

import datetime
import itertools
import random
from typing import NamedTuple

SEED = 2018
PARTICIPANTS = 200
MEETINGS = 1_000
PLEDGES = 100_000
HOT_PLEDGES = 10_000
# Says which data a directory holds. What was loaded before a change of this file is loaded anew.
MARK = f"2 {SEED} {PARTICIPANTS} {MEETINGS} {PLEDGES} {HOT_PLEDGES}"

# All of two decimals, so that a sum of minor units says the same everywhere.
CURRENCIES = ("USD", "EUR", "GBP", "SAR", "AED", "QAR", "CHF", "SEK", "CAD", "NOK")
INSTRUMENTS = (
    "grant", "loan", "credit_line", "guarantee", "export_credit", "investment", "in_kind", "technical", "military",
    "debt_relief", "political", "unspecified",
)  # fmt: skip
PURPOSES = ("Water", "Schools", "Hospitals", "Roads", "Mine clearance", "Electricity", "Shelter")


class Pledge(NamedTuple):
    number: int
    meeting: int
    participant: int
    beneficiary: int | None
    instrument: str
    qualifier: str | None
    amount_min: int | None  # in minor units, as all amounts
    amount: int | None
    amount_max: int | None
    currency: str | None
    purpose: str
    announced_on: str


def code(participant: int) -> str:
    return f"P{participant:03}"


def slug(meeting: int) -> str:
    return "hot" if meeting == 0 else f"meeting-{meeting:04}"


def participant_names(participant: int) -> dict[str, str]:
    return {"en": f"Participant {code(participant)}", "ar": f"مشارك {code(participant)}"}


def meeting_titles(meeting: int) -> dict[str, str]:
    return {"en": f"Meeting {meeting}", "ar": f"اجتماع {meeting}"}


def without_end():
    """Pledges in the order in which they are written down; after the hundred thousandth come those to create."""
    chance = random.Random(SEED)
    hot = PLEDGES // HOT_PLEDGES
    ordinary = itertools.cycle(range(1, MEETINGS))
    first_day = datetime.date(2014, 1, 1)
    for number in itertools.count():
        meeting = 0 if number % hot == 0 else next(ordinary)
        instrument = INSTRUMENTS[chance.randrange(len(INSTRUMENTS))]
        qualifier = low = point = high = currency = None
        if instrument != "political" and chance.randrange(100) >= 5:
            amount = 100 * (1_000 + chance.randrange(1_000_000))
            match chance.randrange(10):
                case 0:
                    qualifier, point = "about", amount
                case 1:
                    qualifier, high = "up_to", amount
                case 2:
                    qualifier, low = "at_least", amount
                case 3:
                    qualifier, low, high = "between", amount // 200 * 100, amount
                case _:
                    qualifier, point = "exact", amount
            of_ten = chance.randrange(10) if meeting == 0 else meeting + chance.randrange(3)
            currency = CURRENCIES[of_ten % 10]
        yield Pledge(
            number,
            meeting,
            chance.randrange(PARTICIPANTS),
            chance.randrange(PARTICIPANTS) if chance.randrange(100) < 30 else None,
            instrument,
            qualifier,
            low,
            point,
            high,
            currency,
            f"{PURPOSES[chance.randrange(len(PURPOSES))]}, phase {1 + chance.randrange(9)}",
            str(first_day + datetime.timedelta(days=chance.randrange(3_650))),
        )


def pledges():
    return itertools.islice(without_end(), PLEDGES)


def to_create(how_many: int):
    return itertools.islice(without_end(), PLEDGES, PLEDGES + how_many)


def totals_by_hand(meeting: int) -> dict[str, int]:
    """How many pledges of a meeting state an amount in each currency, to hold the answers against."""
    found: dict[str, int] = {}
    for pledge in pledges():
        if pledge.meeting == meeting and pledge.currency:
            found[pledge.currency] = found.get(pledge.currency, 0) + 1
    return found
