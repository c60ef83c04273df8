//! All that a database holds, so that a test can tell whether anything changed.

use crate::world::World;

impl World {
    /// All that the tables hold, a row each.
    pub(crate) fn everything(&self) -> Vec<String> {
        if !self.is_on_a_server() {
            return self.everything_in_the_file();
        }
        let tables = "SELECT table_name::text FROM information_schema.tables
            WHERE table_schema = current_schema() ORDER BY 1";
        let rows_of = |table: String| {
            let rows = format!("SELECT '{table}' || t::text FROM \"{table}\" AS t ORDER BY 1");
            self.look_up(&rows)
        };
        let tables = self.look_up(tables).into_iter();
        tables.flat_map(rows_of).collect()
    }

    fn everything_in_the_file(&self) -> Vec<String> {
        let file = self.folder.file("counterfoil.db");
        let connection = rusqlite::Connection::open(file).expect("it opens");
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        let mut everything = Vec::new();
        for table in self.look_up(tables) {
            let rows = format!("SELECT * FROM \"{table}\"");
            let mut statement = connection.prepare(&rows).expect("a good question");
            let columns = statement.column_count();
            let mut rows = statement.query([]).expect("it can be asked");
            while let Some(row) = rows.next().expect("every row can be read") {
                let values = (0..columns).map(|column| row.get_ref(column).expect("it is there"));
                everything.push(format!("{table} {:?}", values.collect::<Vec<_>>()));
            }
        }
        everything
    }
}
