//! Files of Parquet.

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, GzipLevel, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow_array::{ArrayRef, Int64Array};

use super::arrow::profiles;
use super::*;

fn written(rows: i64, compression: Compression) -> Vec<u8> {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
    let batch = profiles(vec![("x", numbers)]);
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(1500))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn all_row_groups_are_read_in_order_however_they_are_compressed() {
    let folder = TempDir::new().unwrap();
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
    ] {
        let path = file(&folder, "rows.parquet", &written(4000, compression));
        let mut encoder = encoder();
        let expected: Vec<End> = (0..4000)
            .map(|number| {
                let row = json!({"email": "ada@shop.example", "properties.x": number});
                end_of(&mut encoder, &row)
            })
            .collect();
        assert!(ends(&mut open(&path)) == expected, "{compression}");
    }
}

#[test]
fn files_of_parquet_say_how_many_rows_they_hold_in_all() {
    let folder = TempDir::new().unwrap();
    let first = file(&folder, "1.parquet", &written(4000, Compression::SNAPPY));
    let second = file(&folder, "2.parquet", &written(10, Compression::SNAPPY));
    let lines = file(&folder, "3.ndjson", b"{}\n");
    let open = |paths: &[&PathBuf]| Files::open(paths.iter().copied(), SourceOptions::default());
    let mut files = open(&[&first, &second]).unwrap();
    assert_eq!(files.total(), Some(4010));
    assert!(files.advance().unwrap());
    assert_eq!(
        files.total(),
        Some(4010),
        "those that were read are among them"
    );
    assert_eq!(open(&[&first, &lines]).unwrap().total(), None);
}

#[test]
fn what_is_no_parquet_is_told_before_anything_is_read() {
    let folder = TempDir::new().unwrap();
    let whole = written(10, Compression::SNAPPY);
    for content in [&b"email\n"[..], b"", &whole[..whole.len() - 10]] {
        let path = file(&folder, "rows.parquet", content);
        let error = Files::open([&path], SourceOptions::default()).unwrap_err();
        assert!(matches!(error, SourceError::Data { .. }), "{error}");
        assert!(error.to_string().contains("rows.parquet"), "{error}");
    }
    let path = file(&folder, "rows.parquet", &whole[10..]);
    let error = open(&path).advance().unwrap_err();
    assert!(matches!(error, SourceError::Data { .. }), "{error}");
    let error = Files::open(["rows.parquet.gz"], SourceOptions::default()).unwrap_err();
    assert!(matches!(error, SourceError::Format { .. }), "{error}");
}
