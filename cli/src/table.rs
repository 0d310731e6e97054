//! Servers in a table, one a line, cut to the width of the terminal.

use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, Row, Table, presets};

use crate::listing::{Listing, level_word};
use crate::output::printable;

/// The least room for the description; columns that would leave it less are dropped.
const LEAST_DESCRIPTION: u16 = 30;

/// The blanks between two columns.
const GAP: u16 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Version,
    Runs,
    Proof,
    Description,
}

/// The servers as a table: name, version, where they run, who vouches where the registry says so, and what they are.
pub(crate) fn table(listings: &[Listing], width: Option<u16>) -> String {
    let mut columns = vec![Column::Name, Column::Version, Column::Runs];
    columns.extend(listings.iter().any(|listing| listing.level.is_some()).then_some(Column::Proof));
    columns.push(Column::Description);
    let mut table = build(listings, &columns);
    if let Some(width) = width {
        for droppable in [Column::Proof, Column::Runs] {
            if columns.contains(&droppable) && room(&table) + LEAST_DESCRIPTION > width {
                columns.retain(|column| *column != droppable);
                table = build(listings, &columns);
            }
        }
        // Where even that is too narrow, the terminal wraps.
        if room(&table) < width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// What the columns before the description take.
fn room(table: &Table) -> u16 {
    let widths = table.column_max_content_widths();
    let before = widths.split_last().map_or(&[][..], |(_, before)| before);
    before.iter().fold(GAP, |sum, width| sum.saturating_add(width.saturating_add(GAP)))
}

fn build(listings: &[Listing], columns: &[Column]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty().enforce_styling().style_text_only();
    table.set_content_arrangement(ContentArrangement::Disabled).set_truncation_indicator("…");
    table.set_header(one_line(
        columns.iter().map(|column| Cell::new(column.head()).add_attribute(Attribute::Dim)),
    ));
    for listing in listings {
        table.add_row(one_line(columns.iter().map(|column| column.cell(listing))));
    }
    for (column, kind) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, GAP));
        if *kind != Column::Description {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

fn one_line(cells: impl Iterator<Item = Cell>) -> Row {
    let mut row = Row::from(cells);
    row.max_height(1);
    row
}

impl Column {
    fn head(self) -> &'static str {
        match self {
            Self::Name => "NAME",
            Self::Version => "VERSION",
            Self::Runs => "RUNS",
            Self::Proof => "PROOF",
            Self::Description => "DESCRIPTION",
        }
    }

    fn cell(self, listing: &Listing) -> Cell {
        match self {
            Self::Name => Cell::new(printable(&listing.server.name)).add_attribute(Attribute::Bold),
            Self::Version => Cell::new(printable(&listing.server.version)),
            Self::Runs => Cell::new(printable(&listing.runs())),
            Self::Proof => Cell::new(listing.level.map(level_word).unwrap_or_default()),
            Self::Description if listing.is_offered() => Cell::new(printable(&listing.says())),
            Self::Description => Cell::new(printable(&format!("[{}] {}", listing.status, listing.says()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_core::evidence::Level;
    use registry_core::server_json::ServerJson;

    fn listing(name: &str, description: &str) -> Listing {
        let server = ServerJson {
            name: name.into(),
            description: description.into(),
            version: "1.0.0".into(),
            ..ServerJson::default()
        };
        Listing { server, ..Listing::default() }
    }

    fn plain(listings: &[Listing], width: Option<u16>) -> Vec<String> {
        let text = table(listings, width);
        anstream::adapter::strip_str(&text).to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_is_cut_to_the_terminal_and_to_nothing_in_a_file() {
        let long = [listing("com.example/weather", &"every forecast ".repeat(20))];
        let cut = plain(&long, Some(80));
        assert_eq!(cut.len(), 2);
        assert!(cut[1].starts_with("com.example/weather  1.0.0") && cut[1].ends_with('…'), "{cut:?}");
        assert!(cut.iter().all(|line| line.chars().count() <= 80), "{cut:?}");
        assert!(plain(&long, None)[1].contains(&"every forecast ".repeat(19)));
    }

    #[test]
    fn who_vouches_is_a_column_only_where_the_registry_says_so() {
        let unknown = listing("a.b/c", "d");
        let known = Listing { level: Some(Level::HostBound), ..listing("a.b/d", "d") };
        assert!(!plain(std::slice::from_ref(&unknown), None)[0].contains("PROOF"));
        let both = plain(&[unknown, known], None);
        assert!(both[0].contains("PROOF") && both[2].contains("host-bound"));
    }

    #[test]
    fn a_narrow_terminal_keeps_name_version_and_description() {
        let known = Listing { level: Some(Level::HostBound), ..listing("a.b/d", &"forecast ".repeat(9)) };
        let narrow = plain(&[known], Some(50));
        assert_eq!(narrow[0], "NAME   VERSION  DESCRIPTION");
        assert!(narrow[1].ends_with('…') && narrow[1].chars().count() <= 50, "{narrow:?}");
        let tiny = plain(&[listing("a.b/d", "x")], Some(4));
        assert_eq!(tiny.len(), 2, "{tiny:?}");
    }
}
