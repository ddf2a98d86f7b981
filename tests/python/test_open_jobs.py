"""Jobs that nobody waited for: kept, and asked about later."""

from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path

import pytest

from klaviyo_py import Client, ConfigurationError, JobFailure, Jobs, Sandbox

ROWS = [{"email": f"customer-{number}@shop.example"} for number in range(10_500)]


def test_they_are_kept_and_waited_for_later(client: Client, tmp_path: Path) -> None:
    report = client.bulk.import_profiles([{"email": "nobody"}, *ROWS], wait=False)
    assert (report.accepted, report.jobs, len(report.open_jobs)) == (10_500, 2, 2)
    report.open_jobs.save(tmp_path / "jobs.json")
    jobs = Jobs.load(tmp_path / "jobs.json")
    # In the order of their answers.
    second, first = sorted(jobs, key=lambda job: len(job.rows))
    assert first.operation == "bulk_import_profiles"
    assert first.rows + second.rows == tuple(range(1, 10_501))
    assert first.expires is not None
    assert (first.expires - first.began).days in (6, 7)

    ended = jobs.wait(client, timeout=60)
    assert [one.job for one in ended] == list(jobs)
    assert sorted((one.status, one.ended, one.completed) for one in ended) == [
        ("complete", True, 500),
        ("complete", True, 10_000),
    ]
    assert jobs.poll(client) == ended


def test_a_deadline_leaves_them_open() -> None:
    with Sandbox(limits=False, job_seconds=3600) as sandbox:
        client = sandbox.client()
        report = client.bulk.import_profiles(ROWS[:3], job_deadline=0.3)
        assert (report.accepted, len(report.open_jobs)) == (3, 1)
        [job] = report.open_jobs.poll(client)
        assert job.status in ("queued", "processing")
        assert (job.ended, job.accepted, job.completed) == (False, 3, 0)
        assert report.open_jobs.wait(client, timeout=0.1) == [job]


def test_suppressions_are_not_waited_for_unless_asked(client: Client) -> None:
    rows = [{"email": "ada@shop.example"}]
    assert len(client.bulk.suppress_profiles(rows).open_jobs) == 1
    report = client.bulk.suppress_profiles(rows, wait=True)
    assert (report.accepted, len(report.open_jobs)) == (0, 0)


def test_what_became_of_them_when_they_are_gone(client: Client, sandbox: Sandbox) -> None:
    jobs = client.bulk.import_profiles(ROWS[:2], wait=False).open_jobs
    sandbox.reset()
    [job] = jobs.wait(client, timeout=60)
    assert (job.status, job.unknown) == ("vanished", 2)


def test_one_that_cannot_be_looked_at_holds_up_no_other(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "jobs.json"
    client.bulk.import_profiles(ROWS[:2], wait=False).open_jobs.save(file)
    [handle] = json.loads(file.read_text())
    file.write_text(json.dumps([handle, {**handle, "operation": "create_list"}]))
    done, unseen = Jobs.load(file).wait(client, timeout=60)
    assert (done.status, done.error) == ("complete", None)
    assert (unseen.status, unseen.ended, unseen.accepted) == ("unseen", False, 2)
    assert isinstance(unseen.error, ConfigurationError)

    file.write_text(json.dumps([{**handle, "rows": [[0, 10**12]]}]))
    with pytest.raises(OSError, match="holds 10000 at most"):
        Jobs.load(file)


def test_they_travel_by_pickle(client: Client) -> None:
    jobs = client.bulk.import_profiles(ROWS[:2], wait=False).open_jobs
    assert pickle.loads(pickle.dumps(jobs)) == jobs
    assert repr(jobs) == "<Jobs: 1>"


def test_odd_arguments_are_told(client: Client, tmp_path: Path) -> None:
    jobs = client.bulk.import_profiles([], wait=False).open_jobs
    assert jobs.wait(client) == []
    with pytest.raises(ConfigurationError, match="timeout must be"):
        jobs.wait(client, timeout=-1)
    with pytest.raises(ConfigurationError, match="job_deadline must be"):
        client.bulk.import_profiles([], job_deadline=-1)
    with pytest.raises(FileNotFoundError):
        Jobs.load(tmp_path / "jobs.json")


def test_what_became_of_them_reads_well(client: Client, sandbox: Sandbox) -> None:
    jobs = client.bulk.import_profiles(ROWS[:2], wait=False).open_jobs
    [job] = jobs
    assert repr(job) == f"<Job {job.id} of bulk_import_profiles: 2 rows>"
    [ended] = jobs.wait(client, timeout=60)
    title = f"bulk_import_profiles, job {job.id}: complete"
    assert repr(ended) == f"<JobReport of {title} (2 completed)>"
    html = ended._repr_html_()
    assert title in html
    assert "<td>completed</td><td>2</td>" in html
    failed = JobFailure(None, "<invalid>", "", "/data", None)
    odd = dataclasses.replace(ended, errors=(failed, failed))
    assert repr(odd).endswith("\n  2 x <invalid>")
    assert "<td>&lt;invalid&gt;</td><td>2</td>" in odd._repr_html_()


def test_a_file_that_holds_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "jobs.json"
    with pytest.raises(FileNotFoundError, match=r"jobs\.json: "):
        Jobs.load(path)
