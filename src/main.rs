//! The program `cardinal`.

fn main() {}
