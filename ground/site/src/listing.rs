//! Lists: filter, sort and page from the query string, as SQL over columns named in the program and never by the reader.

use jiff::civil::Date;
use store::{Row, Sql, Value};

use crate::desk::Desk;
use crate::form::Form;
use crate::problem::Problem;
use crate::scope::{Scope, begins_with, compared};

/// A list that may be asked for: every column it touches is written here.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Table, or join, to read from.
    pub from: &'static str,
    /// What is selected.
    pub columns: &'static str,
    /// Column of the administrative division; empty when the rows belong to no place.
    pub division: &'static str,
    /// The power to read a row.
    pub power: &'static str,
    /// Columns by which the reader may sort.
    pub sort: &'static [&'static str],
    /// As in the query string: `number`, or `-number` for the greatest first.
    pub default_sort: &'static str,
    /// A unique column, so that equal rows keep their order from page to page.
    pub key: &'static str,
    /// Rows of a page.
    pub size: i64,
    pub filters: &'static [Filter],
}

/// One field of the filter form.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    name: &'static str,
    columns: &'static [&'static str],
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Contains,
    Equals,
    Prefix,
    From,
    Until,
    By(Predicate),
}

/// Makes the predicate of a filter from what was asked and the record's day; values go to the parameters.
pub type Predicate = fn(&str, Date, &mut Vec<Value>) -> String;

impl Filter {
    /// The words stand in one of the columns.
    pub const fn contains(name: &'static str, columns: &'static [&'static str]) -> Filter {
        Filter { name, columns, kind: Kind::Contains }
    }

    /// The column is this.
    pub const fn equals(name: &'static str, column: &'static [&'static str; 1]) -> Filter {
        Filter { name, columns: column, kind: Kind::Equals }
    }

    /// The column begins with this.
    pub const fn prefix(name: &'static str, column: &'static [&'static str; 1]) -> Filter {
        Filter { name, columns: column, kind: Kind::Prefix }
    }

    /// The column is this or later; for days written as texts.
    pub const fn from(name: &'static str, column: &'static [&'static str; 1]) -> Filter {
        Filter { name, columns: column, kind: Kind::From }
    }

    /// The column is this or earlier; for days written as texts.
    pub const fn until(name: &'static str, column: &'static [&'static str; 1]) -> Filter {
        Filter { name, columns: column, kind: Kind::Until }
    }

    /// Whatever the program makes of it, where no plain column will do.
    pub const fn by(name: &'static str, predicate: Predicate) -> Filter {
        Filter { name, columns: &[], kind: Kind::By(predicate) }
    }

    fn predicate(&self, wanted: &str, today: Date, parameters: &mut Vec<Value>) -> String {
        let column = self.columns.first().copied().unwrap_or_default();
        let operator = match self.kind {
            Kind::Contains => return contains(self.columns, wanted, parameters),
            Kind::Prefix => return begins_with(column, wanted, parameters),
            Kind::By(predicate) => return predicate(wanted, today, parameters),
            Kind::Equals => "=",
            Kind::From => ">=",
            Kind::Until => "<=",
        };
        parameters.push(wanted.into());
        format!("{column} {operator} ${}", parameters.len())
    }
}

/// LIKE with the reader's own signs taken as they are; case is ignored for Latin letters on both engines.
fn contains(columns: &[&str], wanted: &str, parameters: &mut Vec<Value>) -> String {
    let escaped = wanted.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    parameters.push(format!("%{escaped}%").into());
    let place = parameters.len();
    let parts: Vec<String> =
        columns.iter().map(|column| format!("lower({column}) LIKE ${place} ESCAPE '\\'")).collect();
    format!("({})", parts.join(" OR "))
}

/// A list as it was asked for and, once read, how long it is.
#[derive(Debug, Clone)]
pub struct Listing {
    table: &'static Table,
    asked: Form,
    sort: String,
    scope: Scope,
    today: Date,
    /// Path of the page, without its query.
    pub path: String,
    /// Number of the page shown, from 1.
    pub page: i64,
    /// Number of pages, at least 1.
    pub pages: i64,
    /// Rows on all pages together.
    pub total: i64,
    /// Numbers of the first and last row shown; 0 when there is none.
    pub first: i64,
    pub last: i64,
}

impl Desk {
    /// What the query string asks of a table.
    pub fn listing(&self, table: &'static Table) -> Listing {
        self.listing_for(table, table.power)
    }

    /// The same for those rows on which the officer has another power, such as that of taking them along.
    pub fn listing_for(&self, table: &'static Table, power: &str) -> Listing {
        let (path, query) = self.path().split_once('?').unwrap_or((self.path(), ""));
        Listing::new(table, (path, query), self.scope(power), self.today())
    }

    /// Counts and reads a page of a list in one snapshot, within the officer's scope.
    ///
    /// # Errors
    /// When the store or the closure cannot read.
    pub async fn list<T, F>(&self, listing: Listing, each: F) -> Result<(Listing, Vec<T>), Problem>
    where
        F: Fn(&Row) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        self.read(move |sql| listing.read(sql, each)).await
    }
}

impl Listing {
    fn new(table: &'static Table, (path, query): (&str, &str), scope: Scope, today: Date) -> Listing {
        let asked = Form::decode(query.as_bytes());
        let known = |wanted: &str| table.sort.contains(&wanted.trim_start_matches('-'));
        let sort =
            Some(asked.value("sort")).filter(|wanted| known(wanted)).unwrap_or(table.default_sort).to_owned();
        let page = asked.value("page").parse().unwrap_or(1).max(1);
        Listing {
            table,
            asked,
            sort,
            scope,
            today,
            path: path.to_owned(),
            page,
            pages: 1,
            total: 0,
            first: 0,
            last: 0,
        }
    }

    /// Counts and reads the page; a page beyond the end becomes the last one.
    ///
    /// # Errors
    /// When the store or the closure cannot read.
    pub fn read<T, F>(mut self, sql: &mut dyn Sql, each: F) -> Result<(Listing, Vec<T>), Problem>
    where
        F: Fn(&Row) -> Result<T, Problem>,
    {
        let Table { from, columns, key, size, division, .. } = *self.table;
        let mut parameters = Vec::new();
        let predicate = self.predicate(division, &mut parameters);
        let count = sql.query_one(&format!("select count(*) from {from} where {predicate}"), &parameters)?;
        self.count(count.map_or(Ok(0), |row| row.get(0))?);
        let mut parameters = Vec::new();
        let predicate = self.predicate(&compared(division), &mut parameters);
        parameters.extend([size.into(), ((self.page - 1) * size).into()]);
        let (limit, offset) = (parameters.len() - 1, parameters.len());
        let text = format!(
            "select {columns} from {from} where {predicate} order by {}, {key} limit ${limit} offset ${offset}",
            self.order()
        );
        let rows = sql.query(&text, &parameters)?.iter().map(each).collect::<Result<_, _>>()?;
        Ok((self, rows))
    }

    /// Reads every row of the list; `None` when there are more than `most`.
    ///
    /// # Errors
    /// When the store or the closure cannot read.
    pub fn read_all<T, F>(&self, sql: &mut dyn Sql, most: i64, each: F) -> Result<Option<Vec<T>>, Problem>
    where
        F: Fn(&Row) -> Result<T, Problem>,
    {
        let Table { from, columns, key, division, .. } = *self.table;
        let mut parameters = Vec::new();
        let predicate = self.predicate(division, &mut parameters);
        parameters.push((most + 1).into());
        let text = format!(
            "select {columns} from {from} where {predicate} order by {}, {key} limit ${}",
            self.order(),
            parameters.len()
        );
        let rows = sql.query(&text, &parameters)?;
        if rows.len() > usize::try_from(most).map_err(anyhow::Error::from)? {
            return Ok(None);
        }
        rows.iter().map(each).collect::<Result<_, _>>().map(Some)
    }

    /// The same list under the address of its page, when it is asked for from another.
    #[must_use]
    pub fn at(mut self, path: &str) -> Listing {
        path.clone_into(&mut self.path);
        self
    }

    /// The address of the whole list, for whoever must know which one it was.
    pub fn address_of_all(&self) -> String {
        self.address(&self.sort, 1)
    }

    /// Where all rows of this list are handed out in the format of that ending.
    pub fn file_address(&self, ending: &str) -> String {
        let address = self.address_of_all();
        let (path, query) = address.split_once('?').unwrap_or((&address, ""));
        format!("{path}/export/{ending}?{query}")
    }

    fn count(&mut self, total: i64) {
        let size = self.table.size;
        self.total = total;
        self.pages = ((total + size - 1) / size).max(1);
        self.page = self.page.min(self.pages);
        self.first = if total == 0 { 0 } else { (self.page - 1) * size + 1 };
        self.last = (self.page * size).min(total);
    }

    fn predicate(&self, division: &str, parameters: &mut Vec<Value>) -> String {
        let mut parts = vec![self.scope_predicate(division, parameters)];
        for filter in self.table.filters {
            let wanted = self.asked.value(filter.name);
            if !wanted.is_empty() {
                parts.push(filter.predicate(wanted, self.today, parameters));
            }
        }
        parts.join(" AND ")
    }

    fn scope_predicate(&self, division: &str, parameters: &mut Vec<Value>) -> String {
        match (&self.scope, self.table.division) {
            (Scope::Everywhere, "") => "1 = 1".to_owned(),
            // Rows that lie nowhere are for those whom no territory bounds.
            (_, "") => "1 = 0".to_owned(),
            (scope, _) => scope.predicate(division, parameters),
        }
    }

    fn order(&self) -> String {
        match self.sort.strip_prefix('-') {
            Some(column) => format!("{column} desc nulls last"),
            None => format!("{} nulls last", self.sort),
        }
    }

    /// What stands in a field of the filter form.
    pub fn value(&self, name: &str) -> &str {
        self.asked.value(name)
    }

    /// Whether this value is chosen in the filter form.
    pub fn chosen(&self, name: &str, value: &str) -> bool {
        self.asked.chosen(name, value)
    }

    /// Whether any filter is set.
    pub fn active(&self) -> bool {
        self.table.filters.iter().any(|filter| !self.asked.value(filter.name).is_empty())
    }

    /// `ascending`, `descending`, or empty when the list is sorted by another column.
    pub fn sorted(&self, column: &str) -> &'static str {
        match self.sort.strip_prefix('-') {
            Some(sorted) if sorted == column => "descending",
            None if self.sort == column => "ascending",
            _ => "",
        }
    }

    /// The address that sorts by this column, the other way round if it is sorted by it already.
    pub fn sort_address(&self, column: &str) -> String {
        let turned =
            if self.sorted(column) == "ascending" { format!("-{column}") } else { column.to_owned() };
        self.address(&turned, 1)
    }

    /// The address of another page of the same list; empty when there is no such page.
    pub fn page_address(&self, page: i64) -> String {
        if page < 1 || page > self.pages { String::new() } else { self.address(&self.sort, page) }
    }

    /// The address of the page before; empty on the first.
    pub fn previous(&self) -> String {
        self.page_address(self.page - 1)
    }

    /// The address of the next page; empty on the last.
    pub fn next(&self) -> String {
        self.page_address(self.page + 1)
    }

    fn address(&self, sort: &str, page: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for filter in self.table.filters {
            let wanted = self.asked.value(filter.name);
            if !wanted.is_empty() {
                query.append_pair(filter.name, wanted);
            }
        }
        query.append_pair("sort", sort);
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        format!("{}?{}", self.path, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LICENCES: Table = Table {
        from: "licences",
        columns: "id",
        division: "division",
        power: "licence.read",
        sort: &["number", "name"],
        default_sort: "number",
        key: "id",
        size: 50,
        filters: &[
            Filter::contains("q", &["name", "number"]),
            Filter::prefix("division", &["division"]),
            Filter::from("from", &["valid_to"]),
        ],
    };

    fn listing(query: &str) -> Listing {
        Listing::new(
            &LICENCES,
            ("/licences", query),
            Scope::Territory(vec!["3304".into()]),
            jiff::civil::date(2026, 11, 25),
        )
    }

    #[test]
    fn a_reader_cannot_name_a_column() {
        assert_eq!(listing("sort=password").order(), "number nulls last");
        assert_eq!(listing("sort=-name").order(), "name desc nulls last");
        assert_eq!(listing("sort=name%3Bdrop+table").order(), "number nulls last");
    }

    #[test]
    fn filters_become_parameters_and_like_signs_lose_their_power() {
        let mut parameters = Vec::new();
        let predicate = listing("q=50%25_A&from=2026-01-01").predicate("division", &mut parameters);
        assert_eq!(
            predicate,
            "((division >= $1 AND division < $2)) AND (lower(name) LIKE $3 ESCAPE '\\' OR lower(number) LIKE $3 ESCAPE '\\') AND valid_to >= $4"
        );
        assert_eq!(parameters[2], Value::from("%50\\%\\_a%"));
    }

    #[test]
    fn addresses_keep_the_filter_and_turn_the_order() {
        let mut asked = listing("q=张&sort=number&page=2");
        asked.count(120);
        assert_eq!(asked.sort_address("number"), "/licences?q=%E5%BC%A0&sort=-number");
        assert_eq!(asked.next(), "/licences?q=%E5%BC%A0&sort=number&page=3");
        assert_eq!((asked.first, asked.last, asked.pages), (51, 100, 3));
        asked.count(10);
        assert_eq!((asked.page, asked.next().as_str()), (1, ""));
    }
}
