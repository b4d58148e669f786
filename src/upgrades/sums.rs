//! The kept sums, computed anew by steps that move pledges, as the table has been since schema 1.

use crate::{
    db::{Conn, Sql},
    error::Result,
};

/// A level of kept sums, and what its two keys are of a pledge `r`, its participant `p`, its meeting `m` and its
/// beneficiary `b`.
pub(super) struct Level {
    name: &'static str,
    keys: [&'static str; 2],
}

pub(super) const STATE: Level = level("state", ["r.state", "''"]);

const fn level(name: &'static str, keys: [&'static str; 2]) -> Level {
    Level { name, keys }
}

/// All that there are.
pub(super) const LEVELS: [Level; 8] = [
    level("register", ["''", "''"]),
    level("meeting", ["m.slug", "''"]),
    level("participant", ["p.code", "''"]),
    level("instrument", ["r.instrument", "''"]),
    STATE,
    level("beneficiary", ["b.code", "''"]),
    level("meeting_participant", ["m.slug", "p.code"]),
    level("meeting_instrument", ["m.slug", "r.instrument"]),
];

/// Puts what the pledges say in the place of what a level keeps.
pub(super) async fn rebuild(conn: &mut Conn, level: &Level) -> Result<()> {
    let gone = Sql::new("delete from rollups where level = $1");
    conn.run(gone.bind(level.name.to_owned())).await?;
    let mut sql = Sql::new("insert into rollups (level, key1, key2, currency, restated, pledges, with_min, with_point, with_max, pledged_min,
         pledged, pledged_max, counted_min, counted, counted_max, committed, paid, withdrawn, outstanding) select ");
    sql.push_arg(level.name.to_owned());
    for key in level.keys {
        sql.push(", coalesce(").push(key).push(", '~')");
    }
    sql.push(
        ", coalesce(r.currency, '~'), r.restates_id is not null, count(*), count(r.pledged_min), count(r.pledged), count(r.pledged_max),
         cast(coalesce(sum(r.pledged_min), 0) as bigint), cast(coalesce(sum(r.pledged), 0) as bigint),
         cast(coalesce(sum(r.pledged_max), 0) as bigint), cast(coalesce(sum(r.counted_min), 0) as bigint),
         cast(coalesce(sum(r.counted), 0) as bigint), cast(coalesce(sum(r.counted_max), 0) as bigint),
         cast(coalesce(sum(r.committed), 0) as bigint), cast(coalesce(sum(r.paid), 0) as bigint),
         cast(coalesce(sum(r.withdrawn), 0) as bigint), cast(coalesce(sum(r.outstanding), 0) as bigint)
         from pledges r left join participants p on p.id = r.participant_id
         left join meetings m on m.id = r.meeting_id left join participants b on b.id = r.beneficiary_id
         where r.retracted_at is null group by 2, 3, 4, 5",
    );
    conn.run(sql).await.map(drop)
}
