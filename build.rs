//! What is compiled in and does not lie among the sources: the explorer's script, which a package brings.

use std::{
    env,
    error::Error,
    fs::File,
    io::{self, Read},
    path::Path,
};

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

/// What is in the package. The licences of what the script holds are not: those of this version are in `assets`, so renew them with it.
const SWAGGER_UI: &str = "swagger-ui-5.32.6";
const TAKEN: [&str; 3] = ["dist/swagger-ui-bundle.js", "LICENSE", "NOTICE"];

fn main() -> Result<(), Box<dyn Error>> {
    // sqlx::migrate! embeds the files; a changed one must be embedded again.
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=build.rs");
    let to = env::var("OUT_DIR")?;
    for file in TAKEN {
        let name = Path::new(file).file_name().unwrap_or_default();
        take(&format!("{SWAGGER_UI}/{file}"), &Path::new(&to).join(name))?;
    }
    Ok(())
}

/// Takes a file out of the package; what its archive says of its length and sum must hold.
fn take(file: &str, to: &Path) -> Result<(), Box<dyn Error>> {
    let archive = ZipArchive::from_slice(SWAGGER_UI_VENDORED)?;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry()? {
        if entry.file_path().as_ref() != file.as_bytes() {
            continue;
        }
        let packed = archive.get_entry(entry.wayfinder())?;
        let bytes: Box<dyn Read> = if entry.compression_method() == CompressionMethod::STORE {
            Box::new(packed.data())
        } else {
            Box::new(DeflateDecoder::new(packed.data()))
        };
        io::copy(&mut packed.verifying_reader(bytes), &mut File::create(to)?)?;
        return Ok(());
    }
    Err(format!("the package of Swagger UI has no {file}").into())
}
