//! What the access log holds.

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::TestHub;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    told: String,
}

impl TestHub {
    /// The recorded reads in order, one a line: role, operation, checkpoint, purpose, records.
    pub(crate) async fn readings(&self) -> String {
        let told = "role || ' ' || operation || ' ' || coalesce(checkpoint, '-') || ' ' || purpose || ' ['
                    || array_to_string(records, ' ') || ']'";
        self.of_readings(told).await
    }

    /// What the recorded reads keep of exchanges over Trembita, one a line: member, its message, who wished
    /// it, whose data, and the purpose.
    pub(crate) async fn exchanges_of_readings(&self) -> String {
        let told =
            "concat_ws(' | ', coalesce(member, '-'), coalesce(exchange_id, '-'), coalesce(asked_by, '-'),
                    coalesce(subject, '-'), purpose)";
        self.of_readings(told).await
    }

    /// The request under which the last read is recorded.
    pub(crate) async fn request_of_reading(&self) -> String {
        self.of_readings("request_id::text").await.lines().last().unwrap_or_default().to_owned()
    }

    /// Takes the access log away, so that no read can be recorded any more.
    pub(crate) async fn lose_the_access_log(&self) {
        let lose = "ALTER TABLE access_log RENAME TO lost";
        self.database.connection().await.unwrap().batch_execute(lose).await.unwrap();
    }

    async fn of_readings(&self, told: &str) -> String {
        let query = format!(
            "SELECT {told} AS told FROM access_log JOIN systems ON systems.id = system_id ORDER BY access_log.id"
        );
        let rows: Vec<Row> =
            diesel::sql_query(query).load(&mut *self.database.connection().await.unwrap()).await.unwrap();
        rows.into_iter().map(|row| row.told).collect::<Vec<_>>().join("\n")
    }
}
