//! The schema's history is embedded when the crate is compiled; a new migration has to compile it again.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
