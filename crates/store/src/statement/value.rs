//! The values that go into a statement, and the rows that come out of it.

use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::statement::Statement;

/// A value as both engines know it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Integer(value.microseconds())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! id_values {
    ($($id:ident),+) => {$(
        impl From<counterfoil_domain::id::$id> for Value {
            fn from(id: counterfoil_domain::id::$id) -> Self {
                Self::Integer(id.0)
            }
        }
    )+};
}
id_values!(
    AccountId,
    AppId,
    AuthorizationId,
    TokenDigestId,
    GrantId,
    ClientSecretId,
    EmailId,
    RecoveryCodeId,
    PasskeyId,
    TeamId,
    SessionId,
    LinkId,
    MailId
);

/// The parameters of a statement, in the order of their numbers.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::statement::Value::from($value)),*] };
}
pub(crate) use params;

/// A row: its values in the order of the statement's columns.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) values: Vec<Value>,
    /// The statement that gave it, which says where its values come from.
    statement: Statement,
}

impl Row {
    pub(crate) fn new(values: Vec<Value>, statement: Statement) -> Self {
        Self { values, statement }
    }

    /// Takes the value of a column out of the row.
    fn take(&mut self, column: usize) -> Value {
        self.values
            .get_mut(column)
            .map_or(Value::Null, |value| std::mem::replace(value, Value::Null))
    }

    pub(crate) fn is_null(&self, column: usize) -> bool {
        matches!(self.values.get(column), None | Some(Value::Null))
    }

    pub(crate) fn integer(&mut self, column: usize) -> Result<i64, StoreError> {
        self.optional_integer(column)?
            .ok_or_else(|| self.inconsistent(column))
    }

    pub(crate) fn optional_integer(&mut self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.take(column) {
            Value::Integer(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            Value::Text(_) | Value::Blob(_) => Err(self.inconsistent(column)),
        }
    }

    pub(crate) fn flag(&mut self, column: usize) -> Result<bool, StoreError> {
        self.integer(column).map(|value| value != 0)
    }

    pub(crate) fn count(&mut self, column: usize) -> Result<u64, StoreError> {
        self.integer(column)
            .map(|value| u64::try_from(value).unwrap_or(0))
    }

    pub(crate) fn small_count(&mut self, column: usize) -> Result<u32, StoreError> {
        self.count(column)
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
    }

    pub(crate) fn timestamp(&mut self, column: usize) -> Result<Timestamp, StoreError> {
        self.integer(column).map(Timestamp::from_microseconds)
    }

    pub(crate) fn optional_timestamp(
        &mut self,
        column: usize,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self
            .optional_integer(column)?
            .map(Timestamp::from_microseconds))
    }

    pub(crate) fn text(&mut self, column: usize) -> Result<String, StoreError> {
        self.optional_text(column)?
            .ok_or_else(|| self.inconsistent(column))
    }

    pub(crate) fn optional_text(&mut self, column: usize) -> Result<Option<String>, StoreError> {
        match self.take(column) {
            Value::Text(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            Value::Integer(_) | Value::Blob(_) => Err(self.inconsistent(column)),
        }
    }

    pub(crate) fn optional_blob(&mut self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        match self.take(column) {
            Value::Blob(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            Value::Integer(_) | Value::Text(_) => Err(self.inconsistent(column)),
        }
    }

    pub(crate) fn blob(&mut self, column: usize) -> Result<Vec<u8>, StoreError> {
        match self.take(column) {
            Value::Blob(value) => Ok(value),
            Value::Null | Value::Integer(_) | Value::Text(_) => Err(self.inconsistent(column)),
        }
    }

    /// A value is missing, or of another type than its column has.
    fn inconsistent(&self, column: usize) -> StoreError {
        let (table, column) = self.statement.column(column);
        StoreError::Inconsistent { table, column }
    }
}
