//! The tables.

use crate::{
    load::{Pair, WORKERS},
    register::Loaded,
};

/// What one size came to on one engine.
pub struct Measured {
    pub engine: String,
    pub pledges: usize,
    pub meetings: usize,
    pub loaded: Loaded,
    pub meeting: Pair,
    pub hot: Pair,
    pub all_meetings: Pair,
    pub of_register: Pair,
    pub plain_meeting: Pair,
    pub plain_hot: Pair,
    pub creates: Creates,
    /// A bare handler, before the creates and after them.
    pub ceiling: [Pair; 2],
}

/// A second, by eight clients.
pub struct Creates {
    pub with: f64,
    pub without: f64,
}

/// One line of the table, at every size: what it is, and the GROUP BY that it is compared with.
struct Case {
    name: &'static str,
    of: fn(&Measured) -> Pair,
    plain: Option<fn(&Measured) -> Pair>,
}

const CASES: [Case; 8] = [
    Case {
        name: "one meeting's totals",
        of: |it| it.meeting,
        plain: Some(|it| it.plain_meeting),
    },
    Case {
        name: "the hot meeting's totals",
        of: |it| it.hot,
        plain: Some(|it| it.plain_hot),
    },
    Case {
        name: "all meetings, first page",
        of: |it| it.all_meetings,
        plain: None,
    },
    Case {
        name: "the register's totals",
        of: |it| it.of_register,
        plain: None,
    },
    Case {
        name: "GROUP BY, one meeting",
        of: |it| it.plain_meeting,
        plain: None,
    },
    Case {
        name: "GROUP BY, hot meeting",
        of: |it| it.plain_hot,
        plain: None,
    },
    Case {
        name: "bare handler, before",
        of: |it| it.ceiling[0],
        plain: None,
    },
    Case {
        name: "bare handler, after",
        of: |it| it.ceiling[1],
        plain: None,
    },
];

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "no register has 2^52 pledges")]
fn float(count: usize) -> f64 {
    count as f64
}

pub fn say_loaded(engine: &str, pledges: usize, loaded: &Loaded) {
    let seconds = loaded.rows.as_secs_f64();
    eprintln!(
        "{engine}: {pledges} pledges of {} meetings in {seconds:.1} s ({:.0} a second), kept sums in {:.1} s",
        loaded.meetings.len(),
        float(pledges) / seconds,
        loaded.rollups.as_secs_f64()
    );
}

/// One engine's results, the smallest size first.
pub fn print(sizes: &[Measured]) {
    let (Some(smallest), Some(largest)) = (sizes.first(), sizes.last()) else {
        return;
    };
    println!("\n## {}\n", smallest.engine);
    println!("Times the smallest: below 1 is faster for p50, slower for throughput.");
    println!("Times GROUP BY: how many times as fast as it, p50 by p50 and throughput by throughput.\n");
    println!(
        "| what | pledges | bytes (of a GROUP BY: rows) | p50 alone, ms | × smallest | × GROUP BY | a second, {WORKERS} at once | × smallest | × GROUP BY | of bare handler |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for case in &CASES {
        for it in sizes {
            print_line(case, it, smallest);
        }
    }

    println!("\n| creates, {WORKERS} at once | with kept sums, a second | × smallest | without | ratio |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    for it in sizes {
        let Creates { with, without } = it.creates;
        let to_smallest = with / smallest.creates.with;
        println!(
            "| {} | {with:.0} | {to_smallest:.2} | {without:.0} | {:.2} |",
            it.pledges,
            with / without
        );
    }

    println!("\n| load | meetings | rows, s | pledges a second | kept sums, s |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    for it in sizes {
        let (rows, rollups) = (it.loaded.rows.as_secs_f64(), it.loaded.rollups.as_secs_f64());
        let pace = float(it.pledges) / rows;
        println!(
            "| {} | {} | {rows:.1} | {pace:.0} | {rollups:.1} |",
            it.pledges, it.meetings
        );
    }
    print_goals(smallest, largest);
}

fn print_line(case: &Case, it: &Measured, smallest: &Measured) {
    let (pair, first) = ((case.of)(it), (case.of)(smallest));
    let [by_p50, by_throughput] = match case.plain {
        None => ["—".to_owned(), "—".to_owned()],
        Some(plain) => {
            let plain = plain(it);
            [
                plain.alone.p50 / pair.alone.p50,
                pair.together.per_second / plain.together.per_second,
            ]
            .map(|ratio| format!("{ratio:.1}"))
        }
    };
    let ceiling = f64::midpoint(
        it.ceiling[0].together.per_second,
        it.ceiling[1].together.per_second,
    );
    println!(
        "| {} | {} | {} | {:.3} | {:.2} | {by_p50} | {:.0} | {:.2} | {by_throughput} | {:.2} |",
        case.name,
        it.pledges,
        pair.alone.bytes,
        pair.alone.p50,
        pair.alone.p50 / first.alone.p50,
        pair.together.per_second,
        pair.together.per_second / first.together.per_second,
        pair.together.per_second / ceiling,
    );
}

/// What must be reached. Nothing fails here: a machine that does something else besides decides too much.
fn print_goals(smallest: &Measured, largest: &Measured) {
    println!(
        "\n### Must reach, {} against {} pledges\n",
        largest.pledges, smallest.pledges
    );
    let goal = |reached: bool, said: String| {
        println!("- {}: {said}", if reached { "PASS" } else { "FAIL" });
    };

    let ratio = largest.meeting.together.per_second / smallest.meeting.together.per_second;
    goal(
        ratio >= 0.7,
        format!("one meeting's totals keep {ratio:.2} of their throughput (at least 0.7)"),
    );

    let ratio = largest.plain_hot.alone.p50 / largest.hot.alone.p50;
    goal(
        ratio >= 100.0,
        format!(
            "the hot meeting's totals by HTTP are {ratio:.1}× as fast as a GROUP BY, p50 by p50 (at least 100×)"
        ),
    );
    let ratio = largest.hot.together.per_second / largest.plain_hot.together.per_second;
    goal(
        ratio >= 100.0,
        format!(
            "the hot meeting's totals by HTTP have {ratio:.1}× the throughput of a GROUP BY (at least 100×)"
        ),
    );

    let ratio = largest.all_meetings.alone.p50 / smallest.all_meetings.alone.p50;
    goal(
        ratio < 3.0,
        format!("the first page of all meetings takes {ratio:.2}× as long (below 3×)"),
    );

    for it in [smallest, largest] {
        let ratio = it.creates.with / it.creates.without;
        goal(
            ratio >= 0.5,
            format!(
                "at {} pledges, creates that keep the sums have {ratio:.2} of the throughput of those that do not (at least 0.5)",
                it.pledges
            ),
        );
        if smallest.pledges == largest.pledges {
            break;
        }
    }
}
