//! A question that many ask at once is put once: whoever asks meanwhile, or a moment later, shares the answer.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

/// For how long an answer is one, from when its question was put.
const HOLDS_FOR: Duration = Duration::from_millis(250);

pub(super) struct Question<T>(Mutex<Option<Put<T>>>);

/// How it was put last.
struct Put<T> {
    at: Instant,
    told: watch::Receiver<Option<T>>,
}

impl<T> Default for Question<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Put<T> {
    fn is_under_way(&self) -> bool {
        self.told.borrow().is_none() && self.told.has_changed().is_ok()
    }
}

impl<T: Clone + Send + Sync + 'static> Question<T> {
    /// The answer; none where there will be no such, as who was to find it panicked. It is sought also when whoever asked first goes away,
    /// so that nobody can hold up the others by that.
    pub(super) async fn answer<F>(&self, ask: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut told = self.told(ask);
        let told = told.wait_for(Option::is_some).await.ok()?;
        told.clone()
    }

    fn told<F>(&self, ask: impl FnOnce() -> F) -> watch::Receiver<Option<T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        // Nothing that is done to it can panic halfway.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(put) = &*last
            && (put.is_under_way() || (put.at.elapsed() < HOLDS_FOR && put.told.borrow().is_some()))
        {
            return put.told.clone();
        }
        let (tell, told) = watch::channel(None);
        let asked = ask();
        tokio::spawn(async move { tell.send_replace(Some(asked.await)) });
        let put = Put {
            at: Instant::now(),
            told: told.clone(),
        };
        *last = Some(put);
        told
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use futures_util::future::join_all;
    use tokio::time::{sleep, timeout};

    use super::*;

    /// Takes so long to be answered with how often it was put before.
    struct Counted {
        question: Question<usize>,
        put: Arc<AtomicUsize>,
        takes: Duration,
    }

    impl Counted {
        fn new(takes: Duration) -> Self {
            Self {
                question: Question::default(),
                put: Arc::default(),
                takes,
            }
        }

        async fn asked(&self) -> usize {
            let (put, takes) = (self.put.clone(), self.takes);
            let ask = || async move {
                let number = put.fetch_add(1, Ordering::SeqCst);
                sleep(takes).await;
                number
            };
            self.question.answer(ask).await.unwrap()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_share_an_answer_for_a_moment() {
        let it = Counted::new(Duration::from_millis(100));
        let answers = join_all((0..1000).map(|_| it.asked())).await;
        assert_eq!(answers, vec![0; 1000]);
        sleep(Duration::from_millis(100)).await;
        assert_eq!(it.asked().await, 0);
        sleep(Duration::from_millis(50)).await;
        assert_eq!(it.asked().await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_takes_no_answer_along_and_leaves_no_old_one() {
        let it = Counted::new(Duration::from_millis(400));
        for _ in 0..3 {
            timeout(Duration::from_millis(100), it.asked()).await.unwrap_err();
        }
        assert_eq!(it.asked().await, 0);
        timeout(Duration::from_millis(100), it.asked()).await.unwrap_err();
        sleep(Duration::from_secs(10)).await;
        assert_eq!(it.asked().await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_panics_is_put_again() {
        let question = Question::default();
        let none = question.answer(|| async { panic!("while it is sought") }).await;
        assert_eq!(none, None::<usize>);
        assert_eq!(question.answer(|| async { 1 }).await, Some(1));
    }
}
