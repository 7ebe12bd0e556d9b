//! A statement as it stands in a store: plain SQL, prepared once a connection.
//!
//! `diesel::sql_query` is parsed by the server at every call; a fragment of one's own is kept in the
//! connection's cache of prepared statements. On the path of a checkpoint event that is a third of the cost.

use std::marker::PhantomData;

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};

/// SQL whose text never changes, with one `?` for each value, in order. Rows are read by column name.
pub struct Statement<'values> {
    sql: &'static str,
    values: Vec<Box<dyn Value + 'values>>,
}

trait Value: Send + Sync {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

struct Typed<SqlType, T> {
    value: T,
    sql_type: PhantomData<fn() -> SqlType>,
}

impl<SqlType, T> Value for Typed<SqlType, T>
where
    T: ToSql<SqlType, Pg> + Send + Sync,
    Pg: HasSqlType<SqlType>,
{
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param(&self.value)
    }
}

impl<'values> Statement<'values> {
    /// A statement without values yet.
    #[must_use]
    pub const fn new(sql: &'static str) -> Self {
        Self { sql, values: Vec::new() }
    }

    /// Gives the value of the next `?`.
    #[must_use]
    pub fn bind<SqlType, T>(mut self, value: T) -> Self
    where
        SqlType: 'values,
        T: ToSql<SqlType, Pg> + Send + Sync + 'values,
        Pg: HasSqlType<SqlType>,
    {
        self.values.push(Box::new(Typed { value, sql_type: PhantomData::<fn() -> SqlType> }));
        self
    }
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (index, text) in self.sql.split('?').enumerate() {
            if index > 0 {
                let value = values.next().ok_or_else(|| miscounted(self.sql))?;
                value.push(&mut out)?;
            }
            out.push_sql(text);
        }
        values.next().map_or(Ok(()), |_| Err(miscounted(self.sql)))
    }
}

fn miscounted(sql: &str) -> diesel::result::Error {
    diesel::result::Error::QueryBuilderError(format!("the values do not match the places of: {sql}").into())
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}
