//! Compiles the crate again when a migration changes: `sqlx::migrate!` reads the folder, cargo does not know.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
