//! Files, one after the other.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::json_lines::JsonLines;
use super::path::{Compression, Format, describe, open};
use super::{Source, SourceError, SourceOptions, SourceRow, View};

/// The rows of files, one file after the other. What a file holds, its name says: `.ndjson` or
/// `.jsonl`, `.csv`, each also with `.gz` or `.zst` behind, or `.parquet`.
pub struct Files {
    files: Vec<(PathBuf, Format, Compression)>,
    /// How many of them were opened.
    opened: usize,
    options: SourceOptions,
    current: Option<Box<dyn Source + Send>>,
}

impl fmt::Debug for Files {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Files")
            .field("files", &self.files)
            .field("opened", &self.opened)
            .finish_non_exhaustive()
    }
}

impl Files {
    /// The rows of these files. Looks at all of them, so that what is wrong with a later one shows
    /// before anything of the first is sent; leaves the first one open.
    ///
    /// # Errors
    /// When a name does not say what its file holds, or a file cannot be opened or lacks a column that
    /// the options name.
    pub fn open<P: Into<PathBuf>>(
        paths: impl IntoIterator<Item = P>,
        options: SourceOptions,
    ) -> Result<Self, SourceError> {
        let described = paths.into_iter().map(|path| {
            let path = path.into();
            let (format, compression) = describe(&path)?;
            Ok((path, format, compression))
        });
        let mut files = Files {
            files: described.collect::<Result<_, SourceError>>()?,
            opened: 0,
            options,
            current: None,
        };
        files.open_next()?;
        for (path, format, compression) in files.files.iter().skip(1) {
            try_out(path, *format, *compression, &files.options)?;
        }
        Ok(files)
    }

    /// Says whether there was one more.
    fn open_next(&mut self) -> Result<bool, SourceError> {
        self.current = None;
        let Some((path, format, compression)) = self.files.get(self.opened) else {
            return Ok(false);
        };
        self.opened += 1;
        self.current = Some(open_as(path, *format, *compression, &self.options)?);
        Ok(true)
    }
}

/// Makes sure that a file can be opened that is read later.
fn try_out(
    path: &Path,
    format: Format,
    compression: Compression,
    options: &SourceOptions,
) -> Result<(), SourceError> {
    let metadata = path
        .metadata()
        .and_then(|metadata| match metadata.is_dir() {
            true => Err(io::ErrorKind::IsADirectory.into()),
            false => Ok(metadata),
        });
    let metadata = metadata.map_err(|error| SourceError::Io {
        path: path.to_owned(),
        error,
    })?;
    // A pipe is opened once only.
    if metadata.is_file() {
        open_as(path, format, compression, options)?;
    }
    Ok(())
}

fn open_as(
    path: &Path,
    format: Format,
    compression: Compression,
    options: &SourceOptions,
) -> Result<Box<dyn Source + Send>, SourceError> {
    let bytes = || {
        open(path, compression).map_err(|error| SourceError::Io {
            path: path.to_owned(),
            error,
        })
    };
    Ok(match format {
        Format::JsonLines => {
            options.check_untyped(&path.display().to_string())?;
            Box::new(JsonLines::new(path, bytes()?, options))
        }
        #[cfg(feature = "csv")]
        Format::Csv => Box::new(super::csv::CsvRows::new(path, bytes()?, options)?),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(super::parquet::open(path, options)?),
    })
}

/// How many rows a file holds, if it says so.
fn count(path: &Path, format: Format) -> Option<u64> {
    match format {
        #[cfg(feature = "parquet")]
        Format::Parquet => super::parquet::count(path),
        _ => {
            let _ = path;
            None
        }
    }
}

impl Source for Files {
    fn advance(&mut self) -> Result<bool, SourceError> {
        while let Some(file) = &mut self.current {
            if file.advance()? {
                return Ok(true);
            }
            self.open_next()?;
        }
        Ok(false)
    }

    /// Only Parquet says how many rows it holds; opens each file for it.
    fn total(&self) -> Option<u64> {
        let counts = self
            .files
            .iter()
            .map(|(path, format, _)| count(path, *format));
        counts.sum()
    }

    fn row(&self) -> SourceRow<'_> {
        match &self.current {
            Some(file) => file.row(),
            None => SourceRow(View::None),
        }
    }

    fn place(&self) -> Option<String> {
        self.current.as_ref()?.place()
    }

    fn broken_text(&self) -> Option<String> {
        self.current.as_ref()?.broken_text()
    }
}
