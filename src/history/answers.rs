//! The answer to a write.

use axum::response::Response;

use super::Write;
use crate::error::Result;

impl Write {
    /// Makes the write last, and answers.
    pub async fn finish(self, answer: Response) -> Result<Response> {
        self.commit().await?;
        Ok(answer)
    }
}
