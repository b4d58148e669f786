//! Totals beside the records that they are of.

use crate::{db::Reader, error::Error, meetings::Meeting, values::Viewpoint, web::Expanding};

/// What was promised at each of these meetings, as its own totals say.
pub fn beside<'a>(conn: &'a mut Reader, meetings: &'a [Meeting], viewpoint: Viewpoint) -> Expanding<'a> {
    Box::pin(async move {
        let totals = super::compute::of_meetings(conn, meetings, viewpoint.language).await?;
        let views = totals
            .iter()
            .map(|it| serde_json::to_value(it).map_err(Error::internal));
        views.collect()
    })
}
