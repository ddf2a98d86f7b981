"""The fixtures that users' tests get, as their pytest finds them: by the entry point."""

from __future__ import annotations

import pytest

from klaviyo_py import Client, Sandbox

pytest_plugins = ["pytester"]

USERS_TESTS = """
import pytest

def test_it_is_empty_and_without_limits(klaviyo_client, klaviyo_sandbox):
    rows = [{"email": f"customer-{number}@shop.example"} for number in range(3)]
    for _ in range(20):
        assert klaviyo_client.bulk.import_profiles(rows).completed == 3
    assert klaviyo_sandbox.state()["profiles"] == 3

def test_it_is_empty_again(klaviyo_sandbox):
    assert klaviyo_sandbox.state()["profiles"] == 0

@pytest.mark.klaviyo_sandbox(scopes=["profiles:read"], api_key="pk_of_this_test")
class TestMarks:
    def test_the_class_says_how_it_is(self, klaviyo_sandbox, klaviyo_client):
        from klaviyo_py import PermissionDeniedError

        assert klaviyo_sandbox.api_key == "pk_of_this_test"
        with pytest.raises(PermissionDeniedError):
            klaviyo_client.bulk.import_profiles([{"email": "ada@shop.example"}])

    @pytest.mark.klaviyo_sandbox(scopes=["lists:write", "profiles:write"])
    def test_the_nearest_mark_holds(self, klaviyo_sandbox, klaviyo_client):
        assert klaviyo_sandbox.api_key == "pk_of_this_test"
        report = klaviyo_client.bulk.import_profiles([{"email": "ada@shop.example"}], wait=False)
        assert report.accepted == 1

@pytest.mark.klaviyo_sandbox(False)
def test_what_the_mark_takes(klaviyo_sandbox): ...
"""


def test_users_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USERS_TESTS)
    result = pytester.runpytest_subprocess("--strict-markers", "-W", "error")
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["*mark klaviyo_sandbox takes keyword arguments*"])


def test_the_fixtures_are_of_the_package(klaviyo_sandbox: Sandbox, klaviyo_client: Client) -> None:
    assert klaviyo_client.base_url == klaviyo_sandbox.url
