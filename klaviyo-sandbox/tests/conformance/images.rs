//! Images: from a file, from a URL, looked at and changed (spec).

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply};

/// A form with a file and a field.
pub(crate) async fn upload(desk: &Desk, content: &[u8], hidden: &str) -> Reply {
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
        Content-Type: image/png\r\n\r\n";
    let tail = format!(
        "\r\n--b\r\nContent-Disposition: form-data; name=\"hidden\"\r\n\r\n{hidden}\r\n--b--\r\n"
    );
    let body = [head.as_bytes(), content, tail.as_bytes()].concat();
    let request = desk
        .request(Method::POST, "/api/image-upload")
        .header("content-type", "multipart/form-data; boundary=b");
    Reply::to(request.body(body)).await
}

#[tokio::test]
async fn a_file_is_kept() {
    let desk = Desk::open().await;
    let reply = upload(&desk, b"\x89PNG\r\n\x1A\n", "true").await;
    assert_eq!(reply.status, 201);
    let image = desk.get(&format!("/api/images/{}", reply.id())).await;
    let attributes = &image.body["data"]["attributes"];
    let of = |name: &str| attributes[name].clone();
    assert_eq!(
        [of("name"), of("format"), of("size"), of("hidden")],
        [json!("a.png"), json!("png"), json!(8), json!(true)]
    );
    for (content, hidden, pointer) in [
        (&b"text"[..], "true", "/data/attributes/file"),
        (&b"GIF89a"[..], "maybe", "/data/attributes/hidden"),
    ] {
        let reply = upload(&desk, content, hidden).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec![pointer]));
    }
}

#[tokio::test]
async fn a_url_and_a_data_uri_are_taken() {
    let desk = Desk::open().await;
    let from = |url: &str| {
        let attributes = json!({"import_from_url": url});
        json!({"data": {"type": "image", "attributes": attributes}})
    };
    let reply = desk
        .post("/api/images", from("https://shop.example/hat.jpg?w=100"))
        .await;
    let attributes = reply.body["data"]["attributes"].clone();
    assert_eq!(
        (&attributes["name"], &attributes["format"]),
        (&json!("hat.jpg"), &json!("jpeg"))
    );
    let reply = desk
        .post("/api/images", from("data:image/gif;base64,R0lGODlh"))
        .await;
    assert_eq!(reply.body["data"]["attributes"]["size"], 6);
    let reply = desk.post("/api/images", from("hat.jpg")).await;
    assert_eq!(reply.pointers(), ["/data/attributes/import_from_url"]);

    let filtered = desk.get("/api/images?filter=equals(format,\"gif\")").await;
    let ids = |reply: &Reply| {
        let data = reply.body["data"].as_array().unwrap();
        data.iter()
            .map(|image| image["id"].clone())
            .collect::<Vec<Value>>()
    };
    assert_eq!(ids(&filtered), ["2"]);
    assert_eq!(ids(&desk.get("/api/images?sort=-size").await), ["2", "1"]);
    let large = desk.get("/api/images?filter=greater-than(size,0)").await;
    assert_eq!(ids(&large), ["2"]);
}

#[tokio::test]
async fn an_image_is_renamed_and_hidden() {
    let desk = Desk::open().await;
    let id = upload(&desk, b"GIF89a", "false").await.id().to_owned();
    let path = format!("/api/images/{id}");
    let attributes = json!({"name": "Hat", "hidden": true});
    let body = json!({"data": {"type": "image", "id": id, "attributes": attributes}});
    let reply = desk.send(Method::PATCH, &path, body).await;
    assert_eq!(reply.status, 200);
    let image = desk.get(&path).await;
    assert_eq!(image.body["data"]["attributes"]["name"], "Hat");
    assert_eq!(image.body["data"]["attributes"]["hidden"], true);
    assert_eq!(desk.get("/api/images/99").await.status, 404);
}
