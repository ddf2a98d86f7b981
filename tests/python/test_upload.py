"""Operations that take a file: they send a form, `multipart/form-data`."""

from __future__ import annotations

import email
import email.policy
import json
from email.message import EmailMessage
from typing import Any, cast

import pytest

from klaviyo_py import BadRequestError, Client
from scripted import Asked, answering

# Line ends, boundaries and bytes that are no text must all arrive as they are.
CONTENT = b"\x89PNG\r\n\x1a\n\x00\xff\r\n--klaviyo-form-0\r\n--klaviyo-form-1--\r\n"

ANSWER = {"data": {"type": "image", "id": "7", "attributes": {"name": "logo"}}}

# Nothing listens there: whatever is sent ends in a ConnectionError.
UNREACHABLE = Client("pk_x", base_url="http://127.0.0.1:9", max_retries=0)


def uploaded(*arguments: Any, **named: Any) -> Asked:
    """The request that comes of an upload."""
    with answering(201, json.dumps(ANSWER).encode()) as (url, asked):
        answer = Client("pk_x", base_url=url).images.upload_image_from_file(*arguments, **named)
    assert answer == ANSWER
    (request,) = asked
    return request


def fields(request: Asked) -> dict[str, EmailMessage]:
    """The parts of the form by the names of their fields, as Python's own parser reads them."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    form = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    assert form.get_content_type() == "multipart/form-data"
    assert not form.defects
    parts = [cast(EmailMessage, part) for part in form.iter_parts()]
    assert all(part.get_content_disposition() == "form-data" for part in parts)
    return {part["content-disposition"].params["name"]: part for part in parts}


def content(part: EmailMessage) -> bytes:
    return cast(bytes, part.get_payload(decode=True))


def test_a_file_and_what_is_said_of_it_arrive() -> None:
    request = uploaded(CONTENT, "logo.png", name="Größe", hidden=True)
    assert request.target == "/api/image-upload"
    assert request.headers["accept"] == "application/vnd.api+json"
    assert request.headers["revision"]
    parts = fields(request)
    assert {name: content(part) for name, part in parts.items()} == {
        "file": CONTENT,
        "name": "Größe".encode(),
        "hidden": b"true",
    }
    assert parts["file"].get_filename() == "logo.png"
    assert parts["file"].get_content_type() == "image/png"


def test_what_is_not_said_is_left_out() -> None:
    request = uploaded(file=b"GIF89a", file_name="a.gif", fields_image=["id", "name"])
    assert request.target == "/api/image-upload?fields%5Bimage%5D=id%2Cname"
    assert fields(request).keys() == {"file"}


@pytest.mark.parametrize(
    ("file_name", "media_type"),
    [
        ("a.JPG", "image/jpeg"),
        ("a.gif", "image/gif"),
        ("a.webp", "image/webp"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_extension_tells_the_media_type(file_name: str, media_type: str) -> None:
    file = fields(uploaded(b"x", file_name))["file"]
    assert (file.get_filename(), file.get_content_type()) == (file_name, media_type)


def test_a_file_name_cannot_add_to_the_form() -> None:
    parts = fields(uploaded(b"x", 'a"; name="hidden"\r\n\r\ntrue.png'))
    assert parts.keys() == {"file"}
    assert content(parts["file"]) == b"x"


@pytest.mark.parametrize(
    ("arguments", "named", "says"),
    [
        ((), {}, ["'file'", "'file_name'"]),
        ((b"x",), {}, ["'file_name'"]),
        (("logo.png", "logo.png"), {}, ["bytes for file", "not str"]),
        ((bytearray(b"x"), "a.png"), {}, ["bytes for file", "not bytearray"]),
        ((None, "a.png"), {}, ["bytes for file", "not NoneType"]),
        ((b"x", b"a.png"), {}, ["a str for file_name", "not bytes"]),
        ((b"x", None), {}, ["a str for file_name", "not NoneType"]),
        ((b"x", "a.png"), {"hidden": 1}, ["a bool for hidden", "not int"]),
        ((b"x", "a.png"), {"name": 7}, ["a str for name", "not int"]),
        ((b"x", "a.png", "name"), {}, ["positional"]),
        ((b"x", "a.png"), {"title": "x"}, ["'title'"]),
        ((b"x", "a.png"), {"fields_image": "id"}, ["a list or tuple of str for fields_image"]),
    ],
)
def test_a_wrong_argument_is_a_type_error_before_anything_is_sent(
    arguments: tuple[Any, ...], named: dict[str, Any], says: list[str]
) -> None:
    with pytest.raises(TypeError) as wrong:
        UNREACHABLE.images.upload_image_from_file(*arguments, **named)
    for words in ["upload_image_from_file()", *says]:
        assert words in str(wrong.value)


@pytest.mark.parametrize(
    ("file", "file_name", "says"),
    [
        (b"", "a.png", r"upload_image_from_file\(\): file is empty"),
        (b"x", "", r"upload_image_from_file\(\): file_name is empty"),
        (b"x", "\ud800.png", "surrogates"),
    ],
)
def test_an_empty_file_or_name_is_a_value_error(file: bytes, file_name: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        UNREACHABLE.images.upload_image_from_file(file, file_name)


def test_a_refusal_is_the_exception_of_its_status() -> None:
    refusal = {"errors": [{"code": "invalid", "detail": "not an image", "status": 400}]}
    with (
        answering(400, json.dumps(refusal).encode()) as (url, asked),
        pytest.raises(BadRequestError, match="not an image") as refused,
    ):
        Client("pk_x", base_url=url).images.upload_image_from_file(b"x", "a.png")
    assert refused.value.operation == "upload_image_from_file"
    assert len(asked) == 1
