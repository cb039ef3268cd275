//! Stored data damaged by a single flipped bit, as by a failing disk or a meddling hand: from a seed, so that every
//! damage can be repeated.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::{Engine, Error, Result, Row, Sql, Store, Value};

/// Flips over all rows of some tables. Each column has its turn, whichever the number of rows.
pub struct Flips {
    engine: Engine,
    tables: Vec<Table>,
    /// Table and column of everything that holds a byte.
    columns: Vec<(usize, usize)>,
    turn: usize,
    random: ChaCha8Rng,
}

struct Table {
    name: String,
    key: Vec<String>,
    columns: Vec<String>,
    rows: Vec<Row>,
}

impl Flips {
    /// Reads the tables, which must stay as they are but for the flips themselves.
    ///
    /// # Panics
    /// When a table is missing, has no primary key, or cannot be read.
    pub fn over(store: &Store, tables: &[&str], seed: u64) -> Flips {
        let read = store.read(|sql| tables.iter().map(|table| Table::read(sql, table)).collect());
        let tables: Vec<Table> = read.expect("the tables can be read");
        let filled = tables.iter().enumerate().flat_map(|(index, table)| {
            (0..table.columns.len()).filter(|column| table.holds(*column)).map(move |column| (index, column))
        });
        let columns = filled.collect();
        Flips { engine: store.engine(), tables, columns, turn: 0, random: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// `table.column` of everything that holds a byte: what is empty in every row cannot be flipped.
    pub fn columns(&self) -> Vec<String> {
        self.columns.iter().map(|&(table, column)| self.tables[table].full_name(column)).collect()
    }

    /// A whole number below `bound`, from the same seed.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.random.next_u64()) * bound as u128) >> 64) as usize
    }

    /// The next flip. Whether the engine holds such a value is seen when it is applied.
    ///
    /// # Panics
    /// When nothing can be flipped at all.
    #[expect(clippy::should_implement_trait, reason = "it never ends, and is asked by hand")]
    pub fn next(&mut self) -> Flip {
        let (table, column) = self.columns[self.turn % self.columns.len()];
        self.turn += 1;
        loop {
            let row = self.below(self.tables[table].rows.len());
            let value = &self.tables[table].rows[row].values()[column];
            let mut bytes = bytes_of(value).to_vec();
            if bytes.is_empty() {
                continue;
            }
            let kind = value.clone();
            let place = self.below(bytes.len());
            bytes[place] ^= 1 << self.below(8);
            if let Some(after) = self.held(&kind, bytes) {
                return self.tables[table].flip(column, row, after);
            }
        }
    }

    /// The bytes as a value of the same kind; none where the engine has no such text.
    fn held(&self, kind: &Value, bytes: Vec<u8>) -> Option<Value> {
        match kind {
            Value::Null => None,
            Value::Int(_) => Some(Value::Int(i64::from_be_bytes(bytes.try_into().ok()?))),
            Value::Bytes(_) => Some(Value::Bytes(bytes)),
            Value::Text(_) => match String::from_utf8(bytes) {
                Ok(text) if !text.contains('\0') => Some(Value::Text(text)),
                Ok(text) => self.forced(text.into_bytes()),
                Err(error) => self.forced(error.into_bytes()),
            },
        }
    }

    /// A text that is none, which SQLite stores as it comes.
    fn forced(&self, bytes: Vec<u8>) -> Option<Value> {
        (self.engine == Engine::Sqlite).then_some(Value::Bytes(bytes))
    }
}

impl Table {
    fn read(sql: &mut dyn Sql, name: &str) -> Result<Table> {
        let (key, columns) = (sql.key(name)?, sql.columns(name)?);
        assert!(!key.is_empty(), "{name} has no primary key");
        let rows = sql
            .query(&format!("select {} from {name} order by {}", columns.join(", "), key.join(", ")), &[])?;
        Ok(Table { name: name.to_owned(), key, columns, rows })
    }

    fn holds(&self, column: usize) -> bool {
        self.rows.iter().any(|row| !bytes_of(&row.values()[column]).is_empty())
    }

    fn full_name(&self, column: usize) -> String {
        format!("{}.{}", self.name, self.columns[column])
    }

    fn flip(&self, column: usize, row: usize, after: Value) -> Flip {
        let values = self.rows[row].values();
        let place = |name: &String| self.columns.iter().position(|column| column == name);
        let key = self.key.iter().filter_map(|name| Some((name.clone(), values[place(name)?].clone())));
        Flip {
            table: self.name.clone(),
            column: self.columns[column].clone(),
            key: key.collect(),
            before: values[column].clone(),
            after,
        }
    }
}

fn bytes_of(value: &Value) -> std::borrow::Cow<'_, [u8]> {
    match value {
        Value::Null => [].as_slice().into(),
        Value::Int(number) => number.to_be_bytes().to_vec().into(),
        Value::Text(text) => text.as_bytes().into(),
        Value::Bytes(bytes) => bytes.into(),
    }
}

/// One flipped bit: where it is, and what stood there before.
#[derive(Debug, Clone)]
pub struct Flip {
    pub table: String,
    pub column: String,
    /// Names and values of the row's primary key before the flip.
    pub key: Vec<(String, Value)>,
    pub before: Value,
    /// Bytes where `before` is a text: they are no text.
    pub after: Value,
}

impl Flip {
    /// Stores the flip. False when the engine refuses to hold it: a unique key, a check or a foreign key forbids it.
    ///
    /// # Panics
    /// When there is no such row, or the engine fails otherwise.
    pub fn apply(&self, store: &Store) -> bool {
        self.put(store, &self.after, &self.before)
    }

    /// Puts back what stood there before.
    ///
    /// # Panics
    /// When it cannot.
    pub fn undo(&self, store: &Store) {
        assert!(self.put(store, &self.before, &self.after), "the flip {self:?} is undone");
    }

    fn put(&self, store: &Store, value: &Value, stands: &Value) -> bool {
        let mut parameters = vec![value.clone()];
        let mut wanted = Vec::new();
        for (name, key) in &self.key {
            let now = if *name == self.column { stands } else { key };
            parameters.push(now.clone());
            wanted.push(format!("{name} = {}", placed(now, key, parameters.len())));
        }
        let (table, column, value) = (&self.table, &self.column, placed(value, &self.before, 1));
        let update = format!("update {table} set {column} = {value} where {}", wanted.join(" and "));
        match store.write(move |sql| sql.execute(&update, &parameters)) {
            Ok(rows) => {
                assert_eq!(rows, 1, "one row of {self:?}");
                true
            }
            Err(Error::Constraint { .. }) => false,
            Err(error) => panic!("{self:?}: {error}"),
        }
    }
}

/// A parameter of the kind of `model`.
fn placed(value: &Value, model: &Value, number: usize) -> String {
    match (model, value) {
        (Value::Text(_), Value::Bytes(_)) => format!("CAST(${number} AS TEXT)"),
        _ => format!("${number}"),
    }
}
