//! Figures for those who oversee the queue.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kordon_schemas::figures::{BookedFigures, FigureReport, Figures, PeriodLength, WaitFigures};
use kordon_schemas::{Amount, CheckpointCode, Fault, Money};

use super::rules;
use super::store::{self, Counted, Row};
use crate::database::Connection;
use crate::error::{Error, Result};

/// Which figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedFigures {
    /// Of these checkpoints.
    pub checkpoints: Vec<CheckpointCode>,
    /// Whether they are told by lane. A lane is told where something happened in it.
    pub by_lane: bool,
    /// Whether each period of them is told, also one in which nothing happened.
    pub every_period: bool,
    /// From the beginning of this day of Kyiv.
    pub from: NaiveDate,
    /// To the end of this one.
    pub to: NaiveDate,
    /// By periods of this length.
    pub by: PeriodLength,
}

/// Works out figures.
///
/// # Errors
/// [`Error::Invalid`] for days that are no period, or too long a one.
pub async fn report(connection: &mut Connection, asked: &AskedFigures) -> Result<FigureReport> {
    let AskedFigures { checkpoints, by_lane, every_period, from, to, by } = asked;
    let most = rules::most_days(*by);
    if to < from {
        return Err(Error::Invalid(vec![Fault::new("query:to", "is not before `from`")]));
    }
    if (*to - *from).num_days() >= most {
        let fault = Fault::new(
            "query:to",
            format!("is less than {most} days after `from` for periods of this length"),
        );
        return Err(Error::Invalid(vec![fault]));
    }
    let periods = rules::periods(*from, *to, *by);
    let mut cells: BTreeMap<(String, Option<String>, usize), Figures> = BTreeMap::new();
    if *every_period && !by_lane {
        for checkpoint in checkpoints {
            for (number, period) in periods.iter().enumerate() {
                let key = (checkpoint.to_string(), None, number);
                cells.insert(key, empty(checkpoint, None, *period));
            }
        }
    }
    for row in store::counts(connection, checkpoints, *by_lane, &periods).await? {
        let Some((number, period)) = usize::try_from(row.period - 1)
            .ok()
            .and_then(|number| periods.get(number).map(|period| (number, *period)))
        else {
            continue;
        };
        let checkpoint = CheckpointCode::parse(&row.checkpoint)
            .map_err(|error| Error::stored_badly("a checkpoint", error))?;
        let key = (row.checkpoint.clone(), row.lane.clone(), number);
        let figures = cells.entry(key).or_insert_with(|| empty(&checkpoint, row.lane.clone(), period));
        add(figures, &row)?;
    }
    Ok(FigureReport { from: *from, to: *to, by: *by, items: cells.into_values().collect() })
}

fn empty(
    checkpoint: &CheckpointCode,
    lane: Option<String>,
    (starts_at, ends_at): (DateTime<Utc>, DateTime<Utc>),
) -> Figures {
    Figures {
        checkpoint: checkpoint.clone(),
        lane,
        starts_at,
        ends_at,
        booked: BookedFigures::default(),
        cancelled: 0,
        no_shows: 0,
        called: 0,
        entered: 0,
        left: 0,
        wait_to_call: WaitFigures::default(),
        wait_to_entry: WaitFigures::default(),
        refunds: 0,
        refunded: Money::hryvnias(Amount::ZERO),
    }
}

fn add(figures: &mut Figures, row: &Row) -> Result<()> {
    let count = u32::try_from(row.count).unwrap_or(u32::MAX);
    let waits =
        || WaitFigures { measured: count, p50_seconds: row.p50, p80_seconds: row.p80, p90_seconds: row.p90 };
    match row.counted()? {
        Counted::BookedPreBooked => figures.booked.pre_booked = count,
        Counted::BookedLive => figures.booked.live = count,
        Counted::BookedPriority => figures.booked.priority = count,
        Counted::Cancelled => figures.cancelled = count,
        Counted::NoShow => figures.no_shows = count,
        Counted::Called => figures.called = count,
        Counted::Entered => figures.entered = count,
        Counted::Left => figures.left = count,
        Counted::WaitedToCall => figures.wait_to_call = waits(),
        Counted::WaitedToEntry => figures.wait_to_entry = waits(),
        Counted::Refunded => {
            figures.refunds = count;
            figures.refunded = Money::hryvnias(Amount::of_hundredths(row.total.unwrap_or_default()));
        }
    }
    Ok(())
}
