//! Creates that wait are made together.
//!
//! Who finds the register free creates alone, and at once. Those who come while a write is under way stand in line,
//! a resource's in one; and once it is the line's turn, its first are created as the part of a batch is
//! ([`create_each`]), with one step into the log and one COMMIT. Each has their own author, key and answer. Those who were
//! answered together have a moment to come back together, in which whoever comes stands in line as well.

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::response::Response;
use futures_util::{FutureExt, future::join};
use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
    time::{Instant, sleep, timeout_at},
};

use super::{Collected, Draft, Signed, batch::create_each};
use crate::{
    auth,
    db::{self, Conn, Db, Line, Reader, deadline},
    error::{Error, Result},
    history::{Author, Claim, Receipt, Register, Write},
    web::{self, RequestOptions},
};

/// How long the line stands after several were answered, as long as somebody comes in each of the shorter times: whoever asks
/// again at once finds the others there. Half of them would be created for while the others come back, and each group has a cost
/// that is its own.
const COME_BACK_WITHIN: Duration = Duration::from_millis(4);
const COMES_NEXT_WITHIN: Duration = Duration::from_millis(1);

/// A create, as it is asked for.
pub(super) struct Order<R: Collected> {
    pub author: Arc<Author>,
    pub asked: RequestOptions,
    pub draft: R::Draft,
}

/// One who stands in line.
struct Waiting<R: Collected> {
    number: u64,
    order: Order<R>,
    /// By when they must be answered.
    deadline: Instant,
    tell: oneshot::Sender<Result<Response>>,
    /// Where they wait to be told.
    place: Handle,
}

struct Shared<R: Collected> {
    orders: Mutex<Orders<R>>,
    line: Line,
    /// That as many stand in it as are wanted.
    all_came: Notify,
}

struct Orders<R: Collected> {
    waiting: VecDeque<Waiting<R>>,
    next_number: u64,
    /// For how many the line stands.
    wanted: usize,
    /// Whether somebody waits for the turn, or creates, for those who stand in it.
    is_served: bool,
}

/// Those who wait to create a record of one resource. A clone is the same.
pub(super) struct Queue<R: Collected>(Arc<Shared<R>>);

impl<R: Collected> Clone for Queue<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R: Collected> Default for Queue<R> {
    fn default() -> Self {
        Self(Arc::new(Shared {
            orders: Mutex::new(Orders {
                waiting: VecDeque::new(),
                next_number: 0,
                wanted: 0,
                is_served: false,
            }),
            line: Line::default(),
            all_came: Notify::new(),
        }))
    }
}

impl<R: Collected> Queue<R> {
    /// Creates what is ordered, and answers once it is kept.
    pub(super) async fn create(&self, register: Register, order: Order<R>) -> Result<Response> {
        let db = register.db().clone();
        if db::is_alone() || (self.is_idle() && db.is_free()) {
            return db.beside(create_alone(register, order)).await?;
        }
        let before = self.orders().waiting.len();
        db.must_be_short(&self.0.line, before).await?;
        let (tell, told) = oneshot::channel();
        let number = self.join(register, order, tell);
        db.made_by_another(told, || self.leave(number)).await
    }

    fn orders(&self) -> MutexGuard<'_, Orders<R>> {
        // Nothing that is done to it can panic halfway.
        self.0.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody stands in line, nor is created for.
    fn is_idle(&self) -> bool {
        !self.orders().is_served
    }

    fn join(&self, register: Register, order: Order<R>, tell: oneshot::Sender<Result<Response>>) -> u64 {
        let longest = register.db().limits().request;
        let mut orders = self.orders();
        let number = orders.next_number;
        orders.next_number += 1;
        orders.waiting.push_back(Waiting {
            number,
            order,
            deadline: deadline::current().unwrap_or_else(|| Instant::now() + longest),
            tell,
            place: Handle::current(),
        });
        if orders.waiting.len() == orders.wanted {
            self.0.all_came.notify_one();
        }
        if !std::mem::replace(&mut orders.is_served, true) {
            let db = register.db().clone();
            db.beside_all(self.clone().serve(register));
        }
        number
    }

    /// Goes out of the line; false where it is too late for that.
    fn leave(&self, number: u64) -> bool {
        let mut orders = self.orders();
        let before = orders.waiting.len();
        orders.waiting.retain(|it| it.number != number);
        orders.waiting.len() < before
    }

    /// By when the first of the line must be answered; nobody serves it any more where it is empty.
    fn first_deadline(&self) -> Option<Instant> {
        let mut orders = self.orders();
        let first = orders.waiting.front().map(|first| first.deadline);
        orders.is_served = first.is_some();
        first
    }

    /// Takes the first out of the line.
    fn take(&self, most: usize) -> Vec<Waiting<R>> {
        let mut orders = self.orders();
        let count = orders.waiting.len().min(most);
        orders.waiting.drain(..count).collect()
    }

    /// Creates for those who stand in line, until nobody does.
    async fn serve(self, register: Register) {
        let longest = register.db().limits().request;
        while let Some(at) = self.first_deadline() {
            // Those behind are told of their own end by [`Db::made_by_another`].
            let served = AssertUnwindSafe(deadline::until(at, longest, self.serve_first(&register)));
            if let Ok(expected) = served.catch_unwind().await {
                self.come_back(expected).await;
            } else {
                // Whoever was taken out of the line is told as they are dropped; the others have their turn.
                tracing::error!("one who created for those who waited panicked");
            }
        }
    }

    /// Waits a moment until as many stand in line, where others than those who stand there are expected.
    async fn come_back(&self, expected: usize) {
        let until = Instant::now() + COME_BACK_WITHIN;
        let mut there = self.want(expected);
        while there < expected && Instant::now() < until {
            let at = until.min(Instant::now() + COMES_NEXT_WITHIN);
            let have_all_come = timeout_at(at, self.0.all_came.notified()).await.is_ok();
            let before = std::mem::replace(&mut there, self.want(expected));
            if there == before && !have_all_come {
                break;
            }
        }
        self.want(0);
    }

    /// Sets for how many the line stands; how many stand in it by now. Whoever comes before the last of them wakes nobody.
    fn want(&self, wanted: usize) -> usize {
        let mut orders = self.orders();
        orders.wanted = wanted;
        orders.waiting.len()
    }

    /// Creates for the first of the line; for how many it should stand then: those who have come meanwhile, and those who were
    /// answered together, if those were several.
    async fn serve_first(&self, register: &Register) -> usize {
        let asked = Instant::now();
        match begin_for_others(register.db()).await {
            Ok(conn) => {
                let taken = self.take(R::MOST_TOGETHER);
                let Some(place) = taken.first().map(|it| it.place.clone()) else {
                    return 0;
                };
                let (orders, tell): (Vec<_>, Vec<_>) =
                    taken.into_iter().map(|it| (it.order, it.tell)).unzip();
                // That the turn had to be waited for is a part of how fast it goes here, unless it was for what is not counted.
                let began = if register.db().was_held_up(asked) {
                    Instant::now()
                } else {
                    asked
                };
                let outcomes = create_for(register, conn, orders).await;
                let count = outcomes.len();
                self.0.line.served(count, began.elapsed());
                let expected = if count > 1 {
                    (self.orders().waiting.len() + count).min(R::MOST_TOGETHER)
                } else {
                    0
                };
                // Where they wait: so one thread wakes another once, and not for each of them.
                place.spawn(async move {
                    for (tell, outcome) in tell.into_iter().zip(outcomes) {
                        // Whoever went away does not want to know.
                        let _ = tell.send(outcome);
                    }
                });
                expected
            }
            // Each goes away when it has waited for long enough, which takes a thread that does not ask on and on.
            Err(Error::Busy(_) | Error::Overloaded(_)) => {
                sleep(COMES_NEXT_WITHIN).await;
                0
            }
            // That of whoever has no time left, though the others may have.
            Err(Error::TimedOut) => {
                for waiting in self.take(1) {
                    let _ = waiting.tell.send(Err(Error::TimedOut));
                }
                0
            }
            Err(error) => {
                for waiting in self.take(usize::MAX) {
                    let _ = waiting.tell.send(Err(error.shared()));
                }
                0
            }
        }
    }
}

/// Refuses where another file was written over this one. Where keys are read, that shows; those of who comes here were looked
/// at a moment ago.
async fn must_be_its_file(db: &Db) -> Result<()> {
    if db.is_a_file() {
        db.must_be_itself().await?;
    }
    Ok(())
}

/// Begins to write for those who stand in line.
async fn begin_for_others(db: &Db) -> Result<Conn> {
    must_be_its_file(db).await?;
    db.begin_for_others().await
}

/// Creates one that waits for nobody.
async fn create_alone<R: Collected>(register: Register, order: Order<R>) -> Result<Response> {
    must_be_its_file(register.db()).await?;
    let mut write = register.write(&order.author).await?;
    write.permit(&order.author, R::RESOURCE)?;
    let record = R::create(&mut write, &order.draft).await?;
    let answer = answer(Some(&mut write.conn), &order, &record).await?;
    auth::commit_with(write, answer).await
}

/// Creates those that can be created; what each is answered once they are kept. What fails otherwise fails for all.
async fn create_for<R: Collected>(
    register: &Register,
    conn: Conn,
    orders: Vec<Order<R>>,
) -> Vec<Result<Response>> {
    // Nothing is kept yet: each is made again, and who panics does so alone.
    let made = AssertUnwindSafe(make(register, conn, &orders)).catch_unwind();
    let outcome = match made.await.unwrap_or(Err(Error::Lost)) {
        Ok(made) => AssertUnwindSafe(keep(made, &orders))
            .catch_unwind()
            .await
            .unwrap_or(Err(Error::OutcomeUnknown)),
        Err(error) => Err(error),
    };
    outcome.unwrap_or_else(|error| {
        if let Error::Internal(source) = &error {
            tracing::error!(error = %source, "creates that waited could not be made together");
        }
        orders.iter().map(|_| Err(error.shared())).collect()
    })
}

/// What was made in one write, of each order.
struct Made<R> {
    write: Write,
    receipts: Vec<(Arc<Claim>, Receipt)>,
    outcomes: Vec<Result<Outcome<R>>>,
}

enum Outcome<R> {
    /// The answer is kept with the record, or tells what else there is.
    Answered(Response),
    Created(R),
}

/// Makes them in one write.
async fn make<R: Collected>(register: &Register, conn: Conn, orders: &[Order<R>]) -> Result<Made<R>> {
    let authors: Vec<_> = orders.iter().map(|it| it.author.clone()).collect();
    let (mut write, admitted) = register.write_for(&authors, conn).await?;
    let drafts: Vec<_> = orders
        .iter()
        .zip(&admitted)
        .filter(|(_, admitted)| admitted.is_ok())
        .map(|(Order { author, draft, .. }, _)| Signed { draft, author })
        .collect();
    let mut created = create_each::<R>(&mut write, &drafts).await?.into_iter();
    let (mut receipts, mut outcomes) = (Vec::new(), Vec::with_capacity(orders.len()));
    for (order, admitted) in orders.iter().zip(admitted) {
        let outcome = match admitted {
            Ok(()) => created
                .next()
                .ok_or_else(|| Error::internal("an order has no outcome"))?,
            Err(error) => Err(error),
        };
        outcomes.push(match outcome {
            Ok(record) if order.author.claim.is_some() || order.draft.has_sources() => {
                let answer = answer(Some(&mut write.conn), order, &record).await?;
                let (receipt, answer) = auth::receipt_for(&order.author, answer).await?;
                receipts.extend(receipt);
                Ok(Outcome::Answered(answer))
            }
            Ok(record) => Ok(Outcome::Created(record)),
            Err(error) => Err(error),
        });
    }
    Ok(Made {
        write,
        receipts,
        outcomes,
    })
}

/// Commits, where there is anything to be kept; the answers, to be given. They are written meanwhile, as who commits waits
/// for the disk.
async fn keep<R: Collected>(made: Made<R>, orders: &[Order<R>]) -> Result<Vec<Result<Response>>> {
    let Made {
        write,
        receipts,
        outcomes,
    } = made;
    let is_kept = outcomes.iter().any(Result::is_ok);
    let answers = async {
        let mut answers = Vec::with_capacity(orders.len());
        for (order, outcome) in orders.iter().zip(outcomes) {
            answers.push(match outcome {
                Ok(Outcome::Answered(answer)) => Ok(answer),
                // It is kept, whatever can be said of it.
                Ok(Outcome::Created(record)) => answer(None, order, &record)
                    .await
                    .map_err(|_| Error::OutcomeUnknown),
                Err(error) => Err(error),
            });
        }
        answers
    };
    if !is_kept {
        return Ok(answers.await);
    }
    let (kept, answers) = join(write.commit_with_all(receipts), answers).await;
    kept.map(|()| answers)
}

/// What is answered to who has created a record.
async fn answer<R: Collected>(conn: Option<&mut Reader>, order: &Order<R>, record: &R) -> Result<Response> {
    let asked = &order.asked;
    let sources = conn.filter(|_| order.draft.has_sources());
    let whole = record.detail(sources, asked.viewpoint()).await?;
    let location = format!("/v1/{}/{}", R::RESOURCE, record.key());
    web::created(asked, &location, record.version(), &whole)
}
