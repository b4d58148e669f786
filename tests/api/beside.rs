//! Writes beside those that take long: nobody is refused for them, and who need not wait does not.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::{join, join4};
use pledgebook::{
    db::{Conn, Patience, Sql},
    error::{Error, Result},
    history::{Change, Projection},
    resources::Resource,
};
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    app::{App, Ask},
    prelude::*,
    queue::{PLEDGES, a_grant, kuwait},
};

/// So many grants in one batch, each taken on its own; the tenth of each ten is of nobody.
fn lenient(app: &App, count: usize) -> Ask {
    let items: Vec<Value> = (0..count)
        .map(|number| {
            let mut grant = a_grant(&format!("{}.00", number + 1));
            if number % 10 == 9 {
                grant["participant"] = json!("NOBODY");
            }
            grant
        })
        .collect();
    app.post(&format!("{PLEDGES}/batch"), items.into())
        .header("Prefer", "handling=lenient")
}

/// Follows the log slowly, and has no room for more than so many pledges.
struct Slow {
    room: AtomicI64,
}

impl Projection for Slow {
    fn apply<'a>(
        &'a self,
        _: &'a mut Conn,
        changes: &'a [Change],
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let pledges = changes.iter().filter(|it| it.resource == Resource::Pledges);
            let count = i64::try_from(pledges.count()).unwrap();
            if count > 1 {
                sleep(Duration::from_millis(150)).await;
            }
            if self.room.fetch_sub(count, Ordering::Relaxed) < count {
                self.room.store(0, Ordering::Relaxed);
                return Err(Error::DiskFull);
            }
            Ok(())
        })
    }
}

async fn slow(engine: Engine, room: i64) -> App {
    let room = AtomicI64::new(room);
    let app = App::start_followed(engine, Box::new(Slow { room })).await;
    kuwait(&app).await;
    app
}

/// What the log says of pledges: the amount of each, in its order.
async fn amounts(app: &App) -> Vec<String> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let path = format!("/v1/changes?after_seq={after}&limit=200");
        let page = app.get(&path).await.expect(200);
        if page.items().is_empty() {
            return all;
        }
        for change in page.items() {
            after += 1;
            assert_eq!(change["seq"], after, "the log has a gap");
            if change["resource"] == "pledges" {
                all.push(change["after"]["amount"].as_str().unwrap().to_owned());
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_lenient_batch_lets_those_write_who_wait(#[case] engine: Engine) {
    let app = slow(engine, 1_000_000).await;
    let beside = async {
        // Until it is under way.
        sleep(Duration::from_millis(200)).await;
        for _ in 0..3 {
            app.post(PLEDGES, a_grant("0.50")).await.created();
        }
    };
    let (answer, ()) = join(lenient(&app, 2_000).into_future(), beside).await;
    let answer = answer.expect(200);
    assert_eq!(
        (&answer["created"], &answer["failed"]),
        (&json!(1_800), &json!(200))
    );
    let indices: Vec<usize> = (0..2_000).collect();
    assert_eq!(answer.each("index"), indices);
    let amounts = amounts(&app).await;
    assert_eq!(amounts.len(), 1_803);
    let between = amounts[1..1_802].iter().filter(|it| *it == "0.50").count();
    assert!(between > 0, "nobody wrote while it was under way");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_lenient_batch_that_finds_no_room_says_what_is_kept(#[case] engine: Engine) {
    let app = slow(engine, 700).await;
    let answer = lenient(&app, 2_000).await.expect(200);
    let kept = amounts(&app).await.len();
    assert_eq!(answer["created"], kept);
    assert!((1..=700).contains(&kept), "{kept} are kept");
    for (number, item) in answer.items().iter().enumerate() {
        let alone = if number % 10 == 9 { 422 } else { 201 };
        let is_kept = number < kept * 10 / 9;
        let status = if is_kept { alone } else { 507 };
        assert_eq!(item["status"], status, "{number} of {kept}");
    }
    // Where nothing is kept yet, that is the answer to all of it.
    lenient(&app, 10).await.problem(507, "disk_full");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_lenient_batch_with_a_key_goes_on_where_it_was_cut(#[case] engine: Engine) {
    let app = slow(engine, 700).await;
    let first = lenient(&app, 2_000).once("k").await.expect(200);
    let kept = amounts(&app).await.len();
    assert_eq!(first["created"], kept);
    // The key is that request's, though it is not all done.
    app.post(PLEDGES, a_grant("1"))
        .once("k")
        .await
        .problem(422, "idempotency_mismatch");
    // Another process, as after a new start: it has room.
    let other = app.second().await;
    let again = lenient(&other, 2_000).once("k").await.expect(200);
    assert_eq!(again.header("idempotency-replayed"), None);
    assert_eq!(
        (&again["created"], &again["failed"]),
        (&json!(1_800), &json!(200))
    );
    let indices: Vec<usize> = (0..2_000).collect();
    assert_eq!(again.each("index"), indices);
    assert_eq!(again.items()[..kept], first.items()[..kept]);
    let made: Vec<String> = (0..2_000)
        .filter(|number| number % 10 != 9)
        .map(|number| format!("{}.00", number + 1))
        .collect();
    assert_eq!(amounts(&app).await, made);
    let replayed = lenient(&app, 2_000).once("k").await.expect(200);
    assert_eq!(replayed.header("idempotency-replayed"), Some("true"));
    assert_eq!(replayed.text, again.text);
    // Nothing of the parts is left but the answer.
    let mut reader = app.register().read().await.unwrap();
    let count = Sql::new("select count(*) from idempotency_keys");
    let (kept,): (i64,) = reader.one(count).await.unwrap();
    assert_eq!(kept, 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_with_one_batch_under_one_key_create_nothing_twice(#[case] engine: Engine) {
    let app = slow(engine, 1_000_000).await;
    let other = app.second().await;
    let (one, another) = join(
        lenient(&app, 2_000).once("k").into_future(),
        lenient(&other, 2_000).once("k").into_future(),
    )
    .await;
    for answer in [&one, &another] {
        assert!([200, 409].contains(&answer.status), "{answer}");
    }
    let last = lenient(&app, 2_000).once("k").await.expect(200);
    assert_eq!(last["created"], 1_800);
    let mut made = amounts(&app).await;
    assert_eq!(made.len(), 1_800);
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 1_800);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_refused_for_a_write_that_takes_long(#[case] engine: Engine) {
    /// Longer than anybody waits for their turn, whoever has it.
    const LONG: Duration = Duration::from_secs(11);
    let apps = [
        App::start(engine).await,
        App::start(engine).await,
        App::start(engine).await,
    ];
    let [app, stuck, shared] = &apps;
    for app in &apps {
        kuwait(app).await;
    }
    let write = |app: &App| {
        join(
            app.post(PLEDGES, a_grant("1")).into_future(),
            app.patch("/v1/meetings/kuwait-2018", json!({"city": "Kuwait"}))
                .into_future(),
        )
    };
    // As a batch does; as a write does that should take a moment; and as another program does.
    let long = app
        .register()
        .db()
        .begin_alone(Patience::OfRequest)
        .await
        .unwrap();
    let never_done = stuck.register().db().begin().await.unwrap();
    let program = shared.another_db().await;
    let mut of_another = program.begin().await.unwrap();
    let hold = async {
        let begun = Instant::now();
        while begun.elapsed() < LONG {
            sleep(Duration::from_secs(1)).await;
            // A server would take one that does nothing for dead.
            let asked = Sql::new("select count(*) from meetings");
            let _: (i64,) = of_another.one(asked).await.unwrap();
        }
        drop((long, never_done, of_another));
    };
    let (waited, refused, held_up, ()) = join4(
        write(app),
        write(stuck),
        shared.post(PLEDGES, a_grant("1")).into_future(),
        hold,
    )
    .await;
    waited.0.created();
    waited.1.expect(200);
    refused.0.problem(503, "overloaded");
    refused.1.problem(503, "overloaded");
    held_up.problem(503, "busy");
    // Who went away is not created for.
    sleep(Duration::from_millis(300)).await;
    for app in [stuck, shared] {
        assert_eq!(amounts(app).await.len(), 0);
    }
}
