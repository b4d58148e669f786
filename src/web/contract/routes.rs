//! Routes: each says what it takes and what it answers where it is a route.

use axum::{Router, handler::Handler, http::Method, routing::MethodRouter};

use super::{Operation, Vocabulary};

/// Routes, and what they do.
pub struct Routes<S> {
    router: Router<S>,
    tag: &'static str,
    described: Described,
}

/// What routes do, and what the words in them mean: all that the contract is made of.
#[derive(Default)]
pub struct Described {
    pub(super) operations: Vec<PathOperation>,
    /// Paths that are no part of it.
    files: Vec<&'static str>,
    /// Where a `POST` asks nothing of the database itself.
    in_line: Vec<String>,
    pub(super) vocabulary: Vec<&'static Vocabulary>,
}

/// What one method of one path does.
pub(super) struct PathOperation {
    pub path: String,
    pub method: Method,
    pub tag: &'static str,
    pub operation: Operation,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Routes about one thing.
    #[must_use]
    pub fn about(tag: &'static str) -> Self {
        Self {
            router: Router::new(),
            tag,
            described: Described::default(),
        }
    }

    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H, operation: Operation) -> Self {
        self.route(&Method::GET, path, &axum::routing::get(handler), operation)
    }

    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H, operation: Operation) -> Self {
        self.route(&Method::POST, path, &axum::routing::post(handler), operation)
    }

    /// The same of a handler that asks nothing of the database itself, but stands in line until another has.
    #[must_use]
    pub fn post_in_line<H: Handler<T, S>, T: 'static>(
        mut self,
        path: &str,
        handler: H,
        operation: Operation,
    ) -> Self {
        self.described.in_line.push(path.to_owned());
        self.post(path, handler, operation)
    }

    #[must_use]
    pub fn put<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H, operation: Operation) -> Self {
        self.route(&Method::PUT, path, &axum::routing::put(handler), operation)
    }

    #[must_use]
    pub fn patch<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H, operation: Operation) -> Self {
        self.route(&Method::PATCH, path, &axum::routing::patch(handler), operation)
    }

    #[must_use]
    pub fn delete<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H, operation: Operation) -> Self {
        self.route(&Method::DELETE, path, &axum::routing::delete(handler), operation)
    }

    /// A route, and beside it one for each form that has a path of its own: the same handler, to whom the path says the form.
    fn route(mut self, method: &Method, path: &str, answers: &MethodRouter<S>, operation: Operation) -> Self {
        for (path, operation) in operation.by_form(path) {
            self.router = self.router.route(&path, answers.clone());
            self.described.operations.push(PathOperation {
                path,
                method: method.clone(),
                tag: self.tag,
                operation,
            });
        }
        self
    }

    /// Says what the words mean that these routes, or others, use.
    #[must_use]
    pub fn describes(mut self, vocabulary: &'static Vocabulary) -> Self {
        self.described.vocabulary.push(vocabulary);
        self
    }

    /// A route that is no part of the contract: a file that pages load.
    #[must_use]
    pub fn file<H: Handler<T, S>, T: 'static>(mut self, path: &'static str, handler: H) -> Self {
        self.router = self.router.route(path, axum::routing::get(handler));
        self.described.files.push(path);
        self
    }

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.described.operations.extend(other.described.operations);
        self.described.files.extend(other.described.files);
        self.described.in_line.extend(other.described.in_line);
        self.described.vocabulary.extend(other.described.vocabulary);
        self
    }

    /// What answers, and what it does.
    pub fn split(self) -> (Router<S>, Described) {
        (self.router, self.described)
    }
}

impl Described {
    /// The paths whose `POST` stands in line.
    #[must_use]
    pub fn in_line(&self) -> &[String] {
        &self.in_line
    }

    /// Where anything is, as templates; some of them more than once.
    pub fn paths(self) -> impl Iterator<Item = String> {
        let files = self.files.into_iter().map(str::to_owned);
        self.operations.into_iter().map(|it| it.path).chain(files)
    }
}

#[cfg(test)]
impl Described {
    /// Parameters as features and this folder explain them, each as often as it is explained.
    #[must_use]
    pub fn parameters(&self) -> Vec<&'static str> {
        let all = std::iter::once(&super::descriptions::COMMON).chain(self.vocabulary.iter().copied());
        let mut names: Vec<&str> = all.flat_map(|it| it.parameters).map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }
}
