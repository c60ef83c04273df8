//! Values as PostgreSQL's binary format has them.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error::StoreError;
use crate::statement::{Row, Statement, Value};

impl Value {
    /// The type under which a statement is told of this parameter; nothing for one whose type the
    /// statement must tell.
    pub(super) fn postgres_type(&self) -> Type {
        match self {
            Self::Null => Type::UNKNOWN,
            Self::Integer(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
            Self::Blob(_) => Type::BYTEA,
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(value) => match *ty {
                // A statement that saw no value first may have taken it for a narrower one.
                Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
                Type::INT2 => i16::try_from(*value)?.to_sql(ty, out),
                _ => value.to_sql(&Type::INT8, out),
            },
            Self::Text(value) => value.as_str().to_sql(&Type::TEXT, out),
            Self::Blob(value) => value.as_slice().to_sql(&Type::BYTEA, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A row's values, in the order of the statement's columns.
pub(super) fn row_from(row: &tokio_postgres::Row, statement: Statement) -> Result<Row, StoreError> {
    let values = row.columns().iter().enumerate().map(|(index, column)| {
        let failed = |error: tokio_postgres::Error| StoreError::Unavailable(Box::new(error));
        Ok(match *column.type_() {
            Type::INT8 => optional(row.try_get::<_, Option<i64>>(index).map_err(failed)?),
            Type::INT4 => optional(
                row.try_get::<_, Option<i32>>(index)
                    .map_err(failed)?
                    .map(i64::from),
            ),
            Type::TEXT | Type::VARCHAR | Type::UNKNOWN | Type::NAME => {
                optional(row.try_get::<_, Option<String>>(index).map_err(failed)?)
            }
            Type::BYTEA => optional(row.try_get::<_, Option<Vec<u8>>>(index).map_err(failed)?),
            _ => {
                let (table, column) = statement.column(index);
                return Err(StoreError::Inconsistent { table, column });
            }
        })
    });
    let values = values.collect::<Result<_, _>>()?;
    Ok(Row::new(values, statement))
}

fn optional<T: Into<Value>>(value: Option<T>) -> Value {
    value.map_or(Value::Null, Into::into)
}
