//! Jobs of known lengths on a fake clock: how they end, and what seeing it costs.

use std::sync::Mutex;

use futures::FutureExt;
use klaviyo_gen::operations::BULK_IMPORT_PROFILES;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::super::kind::Kind;
use super::*;
use crate::clock::{Clock, FakeClock};
use crate::meter::Meter;
use crate::stop::Stop;
use crate::testing::{Answer, Scripted, answer, client};
use crate::transport::Request;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// A job that begins and ends at these moments, in this way.
#[derive(Debug, Clone, Copy)]
struct Course {
    begins: Duration,
    ends: Duration,
    how: &'static str,
}

/// As many jobs, begun at the steady pace of imports, each complete after that long.
fn courses(jobs: u32, length: Duration) -> Vec<Course> {
    let course = |job| Course {
        begins: Duration::from_millis(400) * job,
        ends: Duration::from_millis(400) * job + length,
        how: "complete",
    };
    (0..jobs).map(course).collect()
}

/// What the watching of jobs came to.
struct Watching {
    /// How each job ended and when that was known, by its number.
    ends: BTreeMap<usize, (String, Duration)>,
    requests: Vec<Request>,
}

impl Watching {
    fn listings(&self) -> usize {
        let listing = |request: &&Request| request.operation.id.ends_with("jobs");
        self.requests.iter().filter(listing).count()
    }

    /// How long after its own end the last job's end was known.
    fn late(&self, courses: &[Course]) -> Duration {
        let known = self.ends.values().map(|&(_, known)| known).max();
        let ended = courses.iter().map(|course| course.ends).max();
        known.unwrap() - ended.unwrap()
    }
}

/// Jobs as Klaviyo would show them at a moment. Cancelled ones are in no listing.
fn klaviyo(courses: &[Course], clock: &FakeClock, can_list: bool) -> Arc<Scripted> {
    let (courses, clock) = (courses.to_vec(), clock.clone());
    Scripted::new(move |request, _| {
        let now = clock.now().since(Moment::ORIGIN);
        let show = |job: usize| {
            let course = courses[job];
            let status = if now < course.ends {
                "processing"
            } else {
                course.how
            };
            json!({"id": format!("job-{job}"), "attributes": {"status": status}})
        };
        let path = request.target.split('?').next().unwrap();
        if let Some((_, job)) = path.rsplit_once("/job-") {
            let job = show(job.parse().unwrap());
            if job["attributes"]["status"] == "vanished" {
                return answer(404, "");
            }
            return answer(200, json!({"data": job}).to_string());
        }
        if !can_list {
            return answer(403, "");
        }
        let begun = (0..courses.len())
            .rev()
            .filter(|&job| courses[job].begins <= now);
        let jobs = begun.map(show);
        let listed = jobs.filter(|job| job["attributes"]["status"] != "cancelled");
        page(&request.target, &listed.collect::<Vec<_>>())
    })
}

/// A page of 100, with a link to the next.
fn page(target: &str, jobs: &[Value]) -> Answer {
    let start = target
        .split_once("cursor=")
        .map_or(0, |(_, start)| start.parse().unwrap());
    let end = jobs.len().min(start + 100);
    let next = (end < jobs.len()).then(|| format!("https://shop.example/api/jobs?cursor={end}"));
    let body = json!({"data": jobs[start..end], "links": {"next": next}});
    answer(200, body.to_string())
}

fn imports() -> Kind {
    Kind::of(&BULK_IMPORT_PROFILES).unwrap()
}

async fn watch(kind: Kind, courses: &[Course], can_list: bool, deadline: Duration) -> Watching {
    let clock = FakeClock::new(1);
    let transport = klaviyo(courses, &clock, can_list);
    let client = client(&transport, &clock);
    let (meter, stop) = (Meter::default(), Stop::default());
    let reader = Reader {
        kind,
        exchange: client.exchange(),
        meter: &meter,
        stop: &stop,
    };
    let (begin, begun) = mpsc::unbounded_channel();
    let beginning = async {
        for (job, course) in courses.iter().enumerate() {
            let now = clock.now().since(Moment::ORIGIN);
            clock.sleep(course.begins.saturating_sub(now)).await;
            begin.send(watched(job, &clock)).unwrap();
        }
        drop(begin);
    };
    let ends = Mutex::new(BTreeMap::new());
    let end = |job, end| {
        let known = clock.now().since(Moment::ORIGIN);
        ends.lock().unwrap().insert(job, (word(&end), known));
        futures::future::ready(()).boxed()
    };
    let watching = Watch::new(reader, deadline).run(begun, Attention::Always, end);
    futures::join!(beginning, watching);
    Watching {
        ends: ends.into_inner().unwrap(),
        requests: transport.requests(),
    }
}

fn watched(job: usize, clock: &FakeClock) -> Watched<usize> {
    Watched {
        id: format!("job-{job}"),
        began: clock.now(),
        first_look: None,
        known: false,
        expires: Some(clock.utc() + 2 * HOUR),
        subject: job,
    }
}

fn word(end: &End) -> String {
    let debug = format!("{end:?}");
    debug.split('(').next().unwrap().to_lowercase()
}

/// One job by itself: `(length, looks, seen late)`, both at most.
#[tokio::test]
async fn a_jobs_end_is_known_soon_and_with_few_looks() {
    for (length, looks, late) in [(200, 1, 50), (1_000, 4, 0), (60_000, 19, 14_900)] {
        let courses = courses(1, Duration::from_millis(length));
        let seen = watch(imports(), &courses, true, HOUR).await;
        assert!(
            seen.requests.len() <= looks,
            "{length}: {}",
            seen.requests.len()
        );
        let seen_late = seen.late(&courses);
        assert!(
            seen_late <= Duration::from_millis(late),
            "{length}: {seen_late:?}"
        );
    }
}

/// One by one these take 141 and 644 requests, and the last end is seen 8 and 37 s late.
#[tokio::test]
async fn a_listing_saves_most_requests_and_sees_ends_no_later() {
    for (jobs, length, most, part) in [(40, 30 * SECOND, 43, 3), (400, 60 * SECOND, 178, 3)] {
        let courses = courses(jobs, length);
        let by_listing = watch(imports(), &courses, true, HOUR).await;
        let alone = Kind {
            listing: None,
            ..imports()
        };
        let one_by_one = watch(alone, &courses, true, HOUR).await;
        assert!(by_listing.ends.values().all(|(end, _)| end == "complete"));
        assert_eq!(by_listing.ends.len(), jobs as usize);
        assert!(by_listing.requests.len() <= most);
        assert!(by_listing.requests.len() * part <= one_by_one.requests.len());
        assert!(by_listing.late(&courses) <= one_by_one.late(&courses));
    }
}

#[tokio::test]
async fn a_job_that_is_not_in_the_listing_is_looked_at_by_itself() {
    let mut courses = courses(30, 10 * SECOND);
    courses[7].how = "cancelled";
    let seen = watch(imports(), &courses, true, HOUR).await;
    assert!(seen.listings() > 0);
    assert_eq!(seen.ends[&7].0, "cancelled");
    let complete = seen.ends.values().filter(|(end, _)| end == "complete");
    assert_eq!(complete.count(), 29);
}

#[tokio::test]
async fn without_a_listing_that_answers_each_job_is_looked_at_by_itself() {
    let courses = courses(30, 10 * SECOND);
    let seen = watch(imports(), &courses, false, HOUR).await;
    assert_eq!(seen.listings(), 1);
    assert_eq!(seen.ends.len(), 30);
    assert!(seen.ends.values().all(|(end, _)| end == "complete"));
}

#[tokio::test]
async fn every_job_has_an_end() {
    for (ends, how, deadline, end) in [
        (SECOND, "cancelled", HOUR, "cancelled"),
        (SECOND, "vanished", HOUR, "vanished"),
        (5 * HOUR, "complete", HOUR, "open"),
        // It expires after two hours.
        (5 * HOUR, "complete", 3 * HOUR, "expired"),
        (2 * HOUR, "vanished", 3 * HOUR, "expired"),
    ] {
        let course = Course {
            begins: Duration::ZERO,
            ends,
            how,
        };
        let seen = watch(imports(), &[course], true, deadline).await;
        let (how, known) = &seen.ends[&0];
        assert_eq!(how, end);
        assert!(*known <= deadline, "{end} after {known:?}");
    }
}

#[tokio::test]
async fn whoever_takes_the_last_place_has_all_runs_look_at_their_jobs() {
    let clock = FakeClock::new(1);
    let transport = klaviyo(&courses(3, SECOND), &clock, true);
    let client = client(&transport, &clock);
    let (meter, stop) = (Meter::default(), Stop::default());
    let reader = Reader {
        kind: imports(),
        exchange: client.exchange(),
        meter: &meter,
        stop: &stop,
    };
    let room = Arc::new(JobRoom::new(4));
    let (begin, begun) = mpsc::unbounded_channel();
    let ended = Mutex::new(0);
    let end = |place, _| {
        drop(place);
        *ended.lock().unwrap() += 1;
        futures::future::ready(()).boxed()
    };
    for job in 0..3 {
        let place = room.enter().await.unwrap();
        let watched = watched(job, &clock);
        let Watched {
            id,
            began,
            first_look,
            known,
            expires,
            ..
        } = watched;
        begin
            .send(Watched {
                id,
                began,
                first_look,
                known,
                expires,
                subject: place,
            })
            .unwrap();
    }
    let attention = Attention::WhenFull(Arc::clone(&room));
    let watching = Watch::new(reader, HOUR).run(begun, attention, end);
    let another_run = async {
        clock.sleep(60 * SECOND).await;
        assert!(transport.requests().is_empty(), "there is room");
        let last = room.enter().await;
        // The next place is one that the other run's jobs give back.
        let next = room.enter().await;
        assert_eq!(*ended.lock().unwrap(), 3);
        drop((last, next, begin));
    };
    futures::join!(watching, another_run);
}
