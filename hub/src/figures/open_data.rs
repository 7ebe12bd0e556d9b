//! Figures as open data: the days of a month at one checkpoint, for anybody.
//!
//! Nobody is asked who they are, so what a stranger can cost is bounded: there are as many answers as
//! checkpoints and months, each is kept for ten minutes, and one is worked out at a time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use kordon_schemas::figures::{Licence, OpenData, PeriodLength};
use kordon_schemas::{CheckpointCode, Fault};
use moka::future::Cache;
use tokio::sync::Mutex;

use super::report::{AskedFigures, report};
use super::rules;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::fees::rules::day_of;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(600);

/// How many answers are kept: a year of every checkpoint.
const MOST_KEPT: u64 = 600;

/// Hands out open data.
#[derive(Clone)]
pub struct OpenDataDesk {
    database: Database,
    kept: Cache<(CheckpointCode, NaiveDate, NaiveDate), Arc<OpenData>>,
    one_at_a_time: Arc<Mutex<()>>,
}

impl OpenDataDesk {
    /// A desk over the hub's database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        let kept = Cache::builder().max_capacity(MOST_KEPT).time_to_live(KEPT).build();
        Self { database, kept, one_at_a_time: Arc::default() }
    }

    /// The days of a month that are over. `month` is its first day. The caller has seen that there is such a
    /// checkpoint.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a month that has not begun, or before 2020.
    pub async fn month(
        &self,
        checkpoint: &CheckpointCode,
        month: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Arc<OpenData>> {
        let today = day_of(now);
        if month > today || month.year() < 2020 {
            return Err(Error::Invalid(vec![Fault::new(
                "query:month",
                "is this month or one before, from 2020-01 on",
            )]));
        }
        // A new day makes a new answer, however long the one before would be kept.
        let key = (checkpoint.clone(), month, today);
        let worked_out = self.kept.try_get_with(key, async {
            let _turn = self.one_at_a_time.lock().await;
            self.work_out(checkpoint, month, today, now).await.map(Arc::new)
        });
        worked_out.await.map_err(|error| (*error).clone())
    }

    async fn work_out(
        &self,
        checkpoint: &CheckpointCode,
        month: NaiveDate,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<OpenData> {
        let after = month.checked_add_months(Months::new(1)).map_or(today, |next| next.min(today));
        let last = after.checked_sub_days(Days::new(1)).filter(|last| *last >= month);
        let mut items = Vec::new();
        if let Some(to) = last {
            let asked = AskedFigures {
                checkpoints: vec![checkpoint.clone()],
                by_lane: false,
                every_period: true,
                from: month,
                to,
                by: PeriodLength::Day,
            };
            let figures = report(&mut *self.database.connection().await?, &asked).await?;
            items = figures.items.iter().map(|item| rules::open(day_of(item.starts_at), item)).collect();
        }
        Ok(OpenData {
            licence: Licence {
                name: "CC BY 4.0".into(),
                url: "https://creativecommons.org/licenses/by/4.0/".into(),
                attribution: "Kordon, the data hub of the electronic border-crossing queue".into(),
            },
            checkpoint: checkpoint.clone(),
            month: month.format("%Y-%m").to_string(),
            suppressed_below: rules::SUPPRESSED_BELOW,
            as_of: now,
            items,
        })
    }
}

impl fmt::Debug for OpenDataDesk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OpenDataDesk")
    }
}
