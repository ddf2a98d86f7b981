//! How long the parts of a run take, each alone: `cargo bench -p klaviyo-core --features arrow --bench
//! parts`. What they cost independent of the machine, `instructions` counts.

mod rows;

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use chrono::DateTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::HeaderMap;
use klaviyo_core::clock::Moment;
use klaviyo_core::limit::{Decision, Quota, Signals};
use klaviyo_core::transport::{Request, Response};
use klaviyo_core::{ApiError, Call, JobHandle, JobHandles, Pages};
use klaviyo_gen::operations::{BULK_IMPORT_PROFILES, GET_PROFILES};
use serde_json::{Value, json};

use rows::Item;

const ROWS: usize = 1_000;

fn encode(criterion: &mut Criterion) {
    let rows: Vec<_> = (0..ROWS).map(rows::row).collect();
    let mut group = criterion.benchmark_group("rows");
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("encode", |bencher| {
        bencher.iter_batched_ref(
            rows::planning,
            |planning| rows.iter().for_each(|row| planning.push(row)),
            criterion::BatchSize::SmallInput,
        );
    });
    let items: Vec<_> = (0..ROWS).map(Item::of).collect();
    group.bench_function("chunk", |bencher| {
        bencher.iter_batched_ref(
            rows::chunker,
            |chunker| {
                for (row, item) in items.iter().enumerate() {
                    black_box(chunker.push(row as u64, item.encoded()).is_ok());
                }
            },
            criterion::BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// A decision while the log is as long as the steady limit lets it become.
fn decide(criterion: &mut Criterion) {
    criterion.bench_function("limiter decision", |bencher| {
        let mut quota = Quota::new(&BULK_IMPORT_PROFILES.limits, 1.0);
        let mut elapsed = Duration::ZERO;
        let answered = Signals {
            answered: true,
            ..Signals::default()
        };
        bencher.iter(|| {
            elapsed += Duration::from_millis(400);
            let now = Moment::at(elapsed);
            if quota.reserve(now) == Decision::Granted {
                quota.answered(now, now, &answered);
            }
        });
    });
}

/// An answer that names a hundred rows.
fn read_refusal(criterion: &mut Criterion) {
    let response = Response {
        status: 400,
        headers: HeaderMap::new(),
        body: json!({"errors": errors().collect::<Vec<_>>()})
            .to_string()
            .into(),
    };
    criterion.bench_function("refusal of 100 rows", |bencher| {
        bencher.iter(|| ApiError::read("bulk_import_profiles", &response, 1, DateTime::UNIX_EPOCH));
    });
}

fn errors() -> impl Iterator<Item = Value> {
    (0..100).map(|row| {
        json!({
            "id": "1d8123d0-0000-4000-8000-000000000000",
            "code": "invalid",
            "title": "Invalid input.",
            "detail": "Invalid email address",
            "source": {"pointer": format!("/data/attributes/profiles/data/{row}/attributes/email")},
        })
    })
}

/// A job that is looked at once it is complete, with a page of a hundred errors.
fn read_import_errors(criterion: &mut Criterion) {
    let client = rows::client(answer);
    let mut handles = JobHandles::default();
    handles.push(JobHandle {
        operation: BULK_IMPORT_PROFILES.id.to_owned(),
        id: "job".to_owned(),
        rows: (0..10_000).collect(),
        began: DateTime::UNIX_EPOCH,
        expires: None,
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    criterion.bench_function("import errors of 100 rows", |bencher| {
        bencher.iter(|| {
            let reports = runtime.block_on(client.jobs().poll(&handles));
            black_box(reports.expect("readable answers"));
        });
    });
}

fn answer(request: &Request) -> Bytes {
    if request.target.contains("/import-errors") {
        PAGE.clone()
    } else {
        JOB.clone()
    }
}

static JOB: LazyLock<Bytes> = LazyLock::new(|| {
    let attributes = json!({"status": "complete", "total_count": 10_000, "failed_count": 100});
    json!({"data": {"id": "job", "attributes": attributes}})
        .to_string()
        .into()
});

static PAGE: LazyLock<Bytes> = LazyLock::new(|| {
    let errors = errors().map(|error| json!({"type": "import-error", "attributes": error}));
    json!({"data": errors.collect::<Vec<_>>()})
        .to_string()
        .into()
});

/// A page of a hundred profiles, read into a record batch of Arrow.
fn read_profiles(criterion: &mut Criterion) {
    let client = rows::client(|_| PROFILES.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let mut group = criterion.benchmark_group("pages");
    group.throughput(Throughput::Elements(PAGE_SIZE as u64));
    group.bench_function("100 profiles to Arrow", |bencher| {
        bencher.iter(|| {
            let pages = client.pages(&GET_PROFILES, Call::default());
            let batches = pages.and_then(Pages::record_batches);
            let mut batches = batches.expect("a list operation");
            let batch = runtime.block_on(batches.next());
            let batch = batch.expect("a readable answer").expect("a batch");
            assert_eq!(batch.num_rows(), PAGE_SIZE);
        });
    });
    group.finish();
}

const PAGE_SIZE: usize = 100;

static PROFILES: LazyLock<Bytes> = LazyLock::new(|| {
    let profiles = (0..PAGE_SIZE).map(|number| {
        json!({
            "type": "profile",
            "id": format!("01J{number:023}"),
            "attributes": rows::row(number),
            "links": {"self": format!("https://a.klaviyo.com/api/profiles/01J{number:023}")},
        })
    });
    json!({"data": profiles.collect::<Vec<_>>(), "links": {"next": null}})
        .to_string()
        .into()
});

criterion_group!(
    parts,
    encode,
    decide,
    read_refusal,
    read_import_errors,
    read_profiles
);
criterion_main!(parts);
