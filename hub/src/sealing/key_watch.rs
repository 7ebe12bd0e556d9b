//! Says that the keys are about to end: aloud once a day from the first step of warning on, at once when a
//! step is reached, and always in the metrics.

use chrono::{DateTime, NaiveDate, Utc};

use super::metrics::SealingMetrics;
use super::rules::warning;

/// What was said of the keys.
#[derive(Debug, Default)]
pub(super) struct KeyWatch {
    /// How soon they end, as it was said last, and on which day.
    warned: Option<(i64, NaiveDate)>,
}

impl KeyWatch {
    /// Looks at `now` until when the keys last: none when none of them holds.
    pub(super) fn look(
        &mut self,
        until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        metrics: &SealingMetrics,
    ) {
        metrics.note_keys(until.map_or(0.0, |until| (until - now).as_seconds_f64()));
        let said = until.map_or(Some(0), |until| warning(until, now)).map(|days| (days, now.date_naive()));
        if said == self.warned {
            return;
        }
        self.warned = said;
        match said {
            None => {}
            Some((0, _)) => {
                tracing::error!("no certificate of a sealing key holds: nothing is signed; set another key")
            }
            Some((days, _)) => {
                tracing::warn!(
                    days,
                    ?until,
                    "the last certificate of the sealing keys ends soon; set another key"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};

    use prometheus::{Registry, TextEncoder};
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Level, Metadata, Subscriber};

    use super::*;

    type Said = (Level, Option<i64>);

    /// Keeps what is logged as warning or error: the level, and the days that are told.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<Said>>>);

    #[derive(Default)]
    struct Days(Option<i64>);

    impl Visit for Days {
        fn record_i64(&mut self, field: &Field, value: i64) {
            if field.name() == "days" {
                self.0 = Some(value);
            }
        }

        fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
    }

    impl Subscriber for Log {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut days = Days::default();
            event.record(&mut days);
            self.0.lock().unwrap().push((*event.metadata().level(), days.0));
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    struct Watched {
        watch: KeyWatch,
        metrics: SealingMetrics,
        registry: Registry,
        log: Log,
    }

    impl Watched {
        fn new() -> Self {
            let registry = Registry::new();
            let metrics = SealingMetrics::register(&registry).unwrap();
            Self { watch: KeyWatch::default(), metrics, registry, log: Log::default() }
        }

        /// What is logged when it looks at a time.
        fn look(&mut self, until: Option<&str>, now: &str) -> Vec<Said> {
            let until = until.map(|until| until.parse().unwrap());
            let now = now.parse().unwrap();
            tracing::subscriber::with_default(self.log.clone(), || {
                self.watch.look(until, now, &self.metrics);
            });
            std::mem::take(&mut self.log.0.lock().unwrap())
        }

        fn metric(&self) -> String {
            let told = TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap();
            let line = told.lines().find(|line| line.starts_with("kordon_evidence_key_seconds")).unwrap();
            line.split(' ').next_back().unwrap().to_owned()
        }
    }

    const END: Option<&str> = Some("2026-12-31T12:00:00Z");

    #[test]
    fn the_end_of_the_keys_is_logged_30_14_and_7_days_before_and_once_a_day() {
        let mut watched = Watched::new();
        let warned = |days| vec![(Level::WARN, Some(days))];
        for (now, logged) in [
            ("2026-12-01T11:59:59Z", vec![]),
            ("2026-12-01T12:00:00Z", warned(30)),
            ("2026-12-01T12:00:01Z", vec![]),
            ("2026-12-02T00:00:00Z", warned(30)),
            ("2026-12-02T23:59:59Z", vec![]),
            ("2026-12-17T11:59:59Z", warned(30)),
            ("2026-12-17T12:00:00Z", warned(14)),
            ("2026-12-24T11:59:59Z", warned(14)),
            ("2026-12-24T12:00:00Z", warned(7)),
            ("2026-12-31T12:00:00Z", warned(7)),
            ("2026-12-31T12:00:01Z", vec![(Level::ERROR, None)]),
        ] {
            assert_eq!(watched.look(END, now), logged, "{now}");
        }
    }

    #[test]
    fn a_key_that_is_set_beside_ends_the_warnings_and_its_own_begin_in_time() {
        let mut watched = Watched::new();
        assert_eq!(watched.look(END, "2026-12-30T12:00:00Z"), [(Level::WARN, Some(7))]);
        let next = Some("2027-12-31T12:00:00Z");
        assert_eq!(watched.look(next, "2026-12-30T12:01:00Z"), []);
        assert_eq!(watched.look(next, "2027-12-10T12:00:00Z"), [(Level::WARN, Some(30))]);
        assert_eq!(watched.look(None, "2027-12-10T12:00:01Z"), [(Level::ERROR, None)]);
    }

    #[test]
    fn the_metric_tells_the_seconds_that_are_left() {
        let mut watched = Watched::new();
        watched.look(END, "2026-12-31T11:00:00Z");
        assert_eq!(watched.metric(), "3600");
        watched.look(None, "2026-12-31T13:00:00Z");
        assert_eq!(watched.metric(), "0");
    }
}
