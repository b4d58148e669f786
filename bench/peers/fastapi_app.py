"""The register as one would write it in an afternoon: FastAPI, SQLAlchemy and a SQLite file.

The file is what `run` fills. Its name stands in PEERS_FILE.
"""

import datetime
import os
import threading
import uuid

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, create_engine, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

# As many connections as FastAPI has threads for functions that are not async.
engine = create_engine("sqlite:///" + os.environ["PEERS_FILE"], pool_size=40, max_overflow=0)
make_session = sessionmaker(engine, expire_on_commit=False)
# SQLite has one writer. Waiting here is fairer and cheaper than SQLite's own waiting, which sleeps and asks again.
writer = threading.Lock()


@event.listens_for(engine, "connect")
def connected(connection, _):
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")  # a commit waits for the disk
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma busy_timeout = 10000")


class Base(DeclarativeBase):
    pass


class Participant(Base):
    __tablename__ = "participants"
    code: Mapped[str] = mapped_column(primary_key=True)


class Meeting(Base):
    __tablename__ = "meetings"
    slug: Mapped[str] = mapped_column(primary_key=True)


class Pledge(Base):
    __tablename__ = "pledges"
    id: Mapped[str] = mapped_column(primary_key=True)
    meeting: Mapped[str] = mapped_column(ForeignKey("meetings.slug"))
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code"))
    beneficiary: Mapped[str | None] = mapped_column(ForeignKey("participants.code"))
    instrument: Mapped[str]
    qualifier: Mapped[str | None]
    amount_min: Mapped[int | None]
    amount: Mapped[int | None]
    amount_max: Mapped[int | None]
    currency: Mapped[str | None]
    purpose: Mapped[str | None]
    announced_on: Mapped[str | None]
    created_at: Mapped[str]


class NewPledge(BaseModel):
    meeting: str
    participant: str
    beneficiary: str | None = None
    instrument: str
    qualifier: str | None = None
    amount_min: int | None = None
    amount: int | None = None
    amount_max: int | None = None
    currency: str | None = None
    purpose: str | None = None
    announced_on: datetime.date | None = None


class PledgeOut(NewPledge):
    model_config = ConfigDict(from_attributes=True)
    id: str
    created_at: str


class Total(BaseModel):
    meeting: str
    currency: str
    pledges: int
    amount_min: int | None
    amount: int | None
    amount_max: int | None


app = FastAPI()


def session():
    with make_session() as opened:
        yield opened


@app.get("/pledges/{key}")
def one_pledge(key: str, db: Session = Depends(session)) -> PledgeOut:
    pledge = db.get(Pledge, key)
    if pledge is None:
        raise HTTPException(404)
    return pledge


@app.get("/pledges")
def page_of_pledges(meeting: str, limit: int = 50, db: Session = Depends(session)) -> list[PledgeOut]:
    newest = select(Pledge).where(Pledge.meeting == meeting).order_by(Pledge.created_at.desc()).limit(limit)
    return db.scalars(newest).all()


@app.post("/pledges", status_code=201)
def create_pledge(new: NewPledge, db: Session = Depends(session)) -> PledgeOut:
    fields = new.model_dump(mode="json")
    now = datetime.datetime.now(datetime.UTC).isoformat()
    pledge = Pledge(id=str(uuid.uuid4()), created_at=now, **fields)
    with writer:
        db.add(pledge)
        db.commit()
    return pledge


sums = (
    select(
        Pledge.meeting,
        Pledge.currency,
        func.count().label("pledges"),
        func.sum(Pledge.amount_min).label("amount_min"),
        func.sum(Pledge.amount).label("amount"),
        func.sum(Pledge.amount_max).label("amount_max"),
    )
    .where(Pledge.currency.is_not(None))
    .group_by(Pledge.meeting, Pledge.currency)
    .order_by(Pledge.meeting, Pledge.currency)
)


@app.get("/meetings/{slug}/totals")
def totals_of_a_meeting(slug: str, db: Session = Depends(session)) -> list[Total]:
    return db.execute(sums.where(Pledge.meeting == slug)).mappings().all()


@app.get("/totals")
def totals_of_all_meetings(limit: int = 50, db: Session = Depends(session)) -> list[Total]:
    page = select(Meeting.slug).order_by(Meeting.slug).limit(limit)
    return db.execute(sums.where(Pledge.meeting.in_(page))).mappings().all()
