//! The database behind the door of a test's hub: what stands in it, and who waits there.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

use super::TestHub;
use crate::process::eventually;

impl TestHub {
    /// Asks the database for a number.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        let mut connection = self.database.connection().await.unwrap();
        let asked = diesel::sql_query(format!("SELECT ({query})::bigint AS number"));
        asked.get_result::<Row>(&mut *connection).await.unwrap().number
    }

    /// Waits until so many sessions of the database wait for a lock of another.
    pub(crate) async fn until_blocked(&self, sessions: i64) {
        let blocked = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0";
        let ask = async || (self.number(blocked).await >= sessions).then_some(());
        eventually("so many wait for a lock", ask).await;
    }
}
