//! The file of a journal: only its owner may read it.

use std::fs::{File, OpenOptions};
use std::path::Path;

use super::super::JournalError;

/// Makes the file, if it is not there, so that nobody else can read it; SQLite gives the files that
/// it puts beside it the same mode.
pub(super) fn create(path: &Path) -> Result<(), JournalError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    restrict(&mut options);
    let made = options.open(path).and_then(|file| restrict_made(&file));
    made.map_err(|error| JournalError::Failed(format!("{}: {error}", path.display())))
}

/// Refuses to look for a run in a file that is not there.
pub(super) fn must_be_there(path: &Path) -> Result<(), JournalError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(JournalError::Missing {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Whether nothing is in the file.
pub(super) fn is_blank(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() == 0)
}

#[cfg(unix)]
fn restrict(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn restrict(_: &mut OpenOptions) {}

/// A file that was there already and is still empty may have been made with another mode.
#[cfg(unix)]
fn restrict_made(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if file.metadata()?.len() == 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn restrict_made(_: &File) -> std::io::Result<()> {
    Ok(())
}
