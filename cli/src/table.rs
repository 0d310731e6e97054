//! Servers in a table, one a line, cut to the width of the terminal.

use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, Row, Table, presets};

use crate::listing::{Listing, level_word};
use crate::output::printable;

/// The narrowest terminal that a table is cut to; below it, lines wrap.
const NARROWEST: u16 = 40;

/// The servers as a table: name, version, what they are, where they run, and who vouches where the registry says so.
pub(crate) fn table(listings: &[Listing], width: Option<u16>) -> String {
    let proved = listings.iter().any(|listing| listing.level.is_some());
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty().enforce_styling();
    table.set_truncation_indicator("…");
    let mut heads = vec!["NAME", "VERSION", "DESCRIPTION", "RUNS"];
    heads.extend(proved.then_some("PROOF"));
    table.set_header(heads.into_iter().map(|head| Cell::new(head).add_attribute(Attribute::Dim)));
    for listing in listings {
        table.add_row(row(listing, proved));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
        if column.index != 2 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    match width {
        Some(width) if width >= NARROWEST => {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        _ => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn row(listing: &Listing, proved: bool) -> Row {
    let mut version = printable(&listing.server.version);
    if !listing.is_offered() {
        version = format!("{version} ({})", printable(&listing.status));
    }
    let mut cells = vec![
        Cell::new(printable(&listing.server.name)).add_attribute(Attribute::Bold),
        Cell::new(version),
        Cell::new(printable(&listing.says())),
        Cell::new(printable(&listing.runs())),
    ];
    cells.extend(proved.then(|| Cell::new(listing.level.map(level_word).unwrap_or_default())));
    let mut row = Row::from(cells);
    row.max_height(1);
    row
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
        assert!(cut[1].contains("com.example/weather  1.0.0") && cut[1].contains('…'), "{cut:?}");
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
}
