fn main() {
    // sqlx::migrate! embeds the files; a changed one must be embedded again.
    println!("cargo:rerun-if-changed=migrations");
}
