//! What a file holds, by its name; and its bytes, whatever it is compressed with.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::SourceError;

/// Bytes that are read at once.
const PIECE: usize = 128 * 1024;

/// The bytes of a text file.
pub(super) type Bytes = Box<dyn BufRead + Send>;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    JsonLines,
    #[cfg(feature = "csv")]
    Csv,
    #[cfg(feature = "parquet")]
    Parquet,
}

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    #[cfg(feature = "compression")]
    Gzip,
    #[cfg(feature = "compression")]
    Zstd,
}

/// What the name of a file says of it.
///
/// # Errors
/// [`SourceError::Format`] when it says nothing, or something that cannot be read.
pub(super) fn describe(path: &Path) -> Result<(Format, Compression), SourceError> {
    let refuse = |reason: &str| {
        Err(SourceError::Format {
            path: path.to_owned(),
            reason: reason.to_owned(),
        })
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    let (compression, name) = match name.rsplit_once('.') {
        #[cfg(feature = "compression")]
        Some((rest, "gz")) => (Compression::Gzip, rest),
        #[cfg(feature = "compression")]
        Some((rest, "zst")) => (Compression::Zstd, rest),
        #[cfg(not(feature = "compression"))]
        Some((_, "gz" | "zst")) => {
            return refuse("reading compressed files needs the feature \"compression\"");
        }
        _ => (Compression::None, name.as_str()),
    };
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("ndjson" | "jsonl") => Ok((Format::JsonLines, compression)),
        #[cfg(feature = "csv")]
        Some("csv") => Ok((Format::Csv, compression)),
        #[cfg(not(feature = "csv"))]
        Some("csv") => refuse("reading CSV needs the feature \"csv\""),
        #[cfg(feature = "parquet")]
        Some("parquet") if compression == Compression::None => Ok((Format::Parquet, compression)),
        #[cfg(feature = "parquet")]
        Some("parquet") => refuse("Parquet compresses by itself; decompress the file first"),
        #[cfg(not(feature = "parquet"))]
        Some("parquet") => refuse("reading Parquet needs the feature \"parquet\""),
        _ => refuse(
            "the name does not say what the file holds; it must end in .parquet, .ndjson, .jsonl or \
             .csv, the last three also with .gz or .zst behind",
        ),
    }
}

/// The bytes of a file as they were before they were compressed.
pub(super) fn open(path: &Path, compression: Compression) -> io::Result<Bytes> {
    let file = File::open(path)?;
    Ok(match compression {
        Compression::None => Box::new(BufReader::with_capacity(PIECE, file)),
        #[cfg(feature = "compression")]
        Compression::Gzip => {
            // One that was put together of several is read to its end.
            let bytes = flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(PIECE, file));
            Box::new(BufReader::with_capacity(PIECE, bytes))
        }
        #[cfg(feature = "compression")]
        Compression::Zstd => {
            let bytes = zstd::stream::read::Decoder::new(file)?;
            Box::new(BufReader::with_capacity(PIECE, bytes))
        }
    })
}
