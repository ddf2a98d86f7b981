"""Calls with something else than what a method takes: a TypeError says what that is, at once."""

from __future__ import annotations

import builtins
import functools
import inspect
from collections.abc import Callable
from typing import Any

import pytest

import klaviyo_py
from klaviyo_py import AsyncClient, Bulk, Client, ConfigurationError
from klaviyo_py.bulk._verbs import JobOptions, RowOptions

# Nobody listens there: whatever is sent fails otherwise.
CLIENT: Any = Client("pk_x", base_url="http://127.0.0.1:1", max_retries=0)

# As who has no type checker calls them.
BLOCKING: Any = Client
AWAITING: Any = AsyncClient

VERBS = [name for name in dir(Bulk) if inspect.isfunction(getattr(Bulk, name)) and name[0] != "_"]


def unread() -> Any:
    pytest.fail("the rows were read")
    yield {}


@pytest.mark.parametrize(
    ("verb", "named", "says"),
    [
        ("import_profiles", {"lst_id": "X"}, ["'lst_id' (did you mean 'list_id'?)", "run_id="]),
        ("import_profiles", {"list_id": 5}, ["takes a str for list_id, not int"]),
        ("import_profiles", {"extra": True}, ["'reject' or 'properties' for extra, not bool"]),
        ("import_profiles", {"columns": {"x": None}}, ["for columns, not a dict with NoneType in"]),
        ("import_profiles", {"columns": {1: "x"}}, ["a dict of str to str for columns", "int in"]),
        ("import_profiles", {"columns": ["x"]}, ["a dict of str to str for columns, not list"]),
        ("import_profiles", {"types": {"x": 1}}, ["for types, not a dict with int in it"]),
        ("import_profiles", {"journal": 5}, ["a str or a PathLike for journal, not int"]),
        ("import_profiles", {"job_deadline": "5"}, ["takes a number for job_deadline, not str"]),
        ("import_profiles", {"wait": 1}, ["takes a bool for wait, not int"]),
        ("create_events", {"wait": False}, ["unexpected keyword argument 'wait'"]),
        ("create_events", {"unique_id": None}, ["'run' or 'content' for unique_id, not NoneType"]),
        ("create_client_events", {}, ["missing 'company_id'", "it takes rows, company_id, unique"]),
        (
            "subscribe_profiles",
            {"channels": 5},
            ["a str or a list or tuple of str for channels, not int"],
        ),
        ("subscribe_profiles", {"channels": ["email", 1]}, ["not a list with int in it"]),
        ("subscribe_profiles", {"consent": "yes"}, ["takes a bool for consent, not str"]),
    ],
)
def test_a_verb_says_what_it_takes(verb: str, named: dict[str, Any], says: list[str]) -> None:
    for bulk in (CLIENT.bulk, CLIENT.bulk.stream, CLIENT.bulk.plan):
        with pytest.raises(TypeError) as wrong:
            getattr(bulk, verb)(unread(), **named)
        for words in [f"{verb}()", *says]:
            assert words in str(wrong.value)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_what_it_takes(verb: str) -> None:
    with pytest.raises(TypeError, match=rf"^{verb}\(\): unexpected keyword argument 'qqqq'; it "):
        getattr(CLIENT.bulk, verb)(qqqq="red")


def test_there_are_verbs() -> None:
    assert len(VERBS) == 21 + len(["resume", "suppress_members", "unsuppress_members"])


def test_help_shows_all_keywords() -> None:
    signatures = {verb: inspect.signature(getattr(Bulk, verb)).parameters for verb in VERBS}
    assert RowOptions.__annotations__.keys() <= signatures["create_events"].keys()
    assert JobOptions.__annotations__.keys() <= signatures["import_profiles"].keys()
    assert "wait" not in signatures["create_events"]


def test_what_is_not_given_may_be_none(client: Client) -> None:
    nothing: Any = {"columns": None, "types": None, "run_id": None, "journal": None, "wait": None}
    assert client.bulk.import_profiles([], None, **nothing).rows == 0


@pytest.mark.parametrize(
    ("owner", "name", "says"),
    [
        (CLIENT.bulk, "import_profile", "bulk operation 'import_profile' (did you mean 'import_pr"),
        (CLIENT.bulk.plan, "bulk_create_events", "did you mean 'create_events'?"),
        (CLIENT.bulk, "fly", "'Bulk' has no bulk operation 'fly'"),
        (CLIENT.profiles, "get_profils", "operation 'get_profils' (did you mean 'get_profiles'?)"),
        (CLIENT.lists.with_raw_response, "get_lst", "did you mean 'get_list'?"),
    ],
)
def test_the_nearest_name_is_suggested(owner: object, name: str, says: str) -> None:
    with pytest.raises(AttributeError) as unknown:
        getattr(owner, name)
    assert says in str(unknown.value)


def test_an_operation_says_what_it_takes() -> None:
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: CLIENT.profiles.get_profiles(page_sise=5), "get_profiles(): unexpected keyword"),
        (
            lambda: CLIENT.profiles.get_profiles(page_sise=5),
            "(did you mean 'page_size'?); it takes",
        ),
        (lambda: CLIENT.profiles.get_profile(), "get_profile(): missing 'id'; it takes id, add"),
        (lambda: CLIENT.lists.with_raw_response.get_list(1, 2), "get_list(): too many positional"),
        (lambda: CLIENT.actions.create_list(nam="x"), "create_list(): unexpected keyword"),
    ]
    for call, says in calls:
        with pytest.raises(TypeError) as wrong:
            call()
        assert says in str(wrong.value)


def test_a_type_error_of_another_kind_is_left_as_it_is() -> None:
    with pytest.raises(TypeError, match="takes an int for page_size, not str"):
        CLIENT.profiles.get_profiles(page_size="5")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: BLOCKING(api_kye="x"),
            r"Client\(\): unexpected .* 'api_kye' \(did you mean 'api_key'",
        ),
        (
            lambda: BLOCKING("pk_x", "https://x"),
            r"Client\(\): too many positional .*; it takes api_key=",
        ),
        (lambda: BLOCKING(5), r"Client\(\) takes a str for api_key, not int"),
        (lambda: BLOCKING("pk_x", timeout="5"), r"takes a number for timeout, not str"),
        (
            lambda: BLOCKING("pk_x", limits={"a": 3}),
            r"a dict of str to a tuple of int and int for limits, not a",
        ),
        (
            lambda: BLOCKING(oauth="x"),
            r"OAuth for oauth, not str",
        ),
        (lambda: AWAITING(tmeout=5), r"AsyncClient\(\): .*did you mean 'timeout'"),
        (lambda: CLIENT.with_options(tiemout=5), r"with_options\(\): .*did you mean 'timeout'"),
        (
            lambda: CLIENT.with_options(timeout="5"),
            r"with_options\(\) takes a number for timeout, not",
        ),
        (lambda: CLIENT.with_options(max_retries=1.5), r"takes an int for max_retries, not float"),
    ],
)
def test_a_client_says_what_it_takes(call: Callable[[], Any], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        call()


def test_a_client_is_told_of_values_that_it_cannot_use() -> None:
    for call in (CLIENT.with_options, functools.partial(Client, "pk_x")):
        with pytest.raises(ConfigurationError, match="at least 0, not -1"):
            call(max_retries=-1)


@pytest.mark.parametrize(
    ("owner", "name", "meant"),
    [
        (CLIENT, "profile", "profiles"),
        (CLIENT, "with_option", "with_options"),
        (CLIENT.actions, "upsert_profil", "upsert_profile"),
        (CLIENT.bulk, "import_profile", "import_profiles"),
        (CLIENT.profiles, "get_profile_", "get_profile"),
    ],
)
def test_a_name_that_is_not_there_has_the_nearest_one(owner: Any, name: str, meant: str) -> None:
    with pytest.raises(AttributeError, match=f"'{name}' .*did you mean '{meant}'"):
        getattr(owner, name)


def test_a_class_of_ones_own_takes_what_it_wants() -> None:
    class Shop(Client):
        def __new__(cls, name: str) -> Shop:
            shop = super().__new__(cls, "pk_x", base_url=CLIENT.base_url)
            shop.__dict__["name"] = name
            return shop

    quick = Shop("books").with_options(timeout=1)
    assert isinstance(quick, Shop)
    assert quick.__dict__["name"] == "books"


def test_signatures_are_spelled_out_for_help() -> None:
    parameters = list(inspect.signature(Client).parameters)
    assert parameters[:2] == ["api_key", "access_token"]
    assert "timeout" in inspect.signature(Client.with_options).parameters


def test_a_star_import_leaves_pythons_own_names_alone() -> None:
    names: dict[str, Any] = {}
    exec("from klaviyo_py import *", names)
    assert not {name for name in names if not name.startswith("__")} & set(dir(builtins))
    assert klaviyo_py.TimeoutError is not TimeoutError
