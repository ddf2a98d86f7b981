//! Images: upload a file, take one from a URL, look at, rename and hide.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::resource::{link, moment};
use super::sparse::sparse;
use super::{Handler, document, items};
use crate::account::{Format, Image};
use crate::api::{Answer, Call, FieldValue, Filter, Page, Part, parts};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_images", get_images),
    ("upload_image_from_url", upload_image_from_url),
    ("upload_image_from_file", upload_image_from_file),
    ("get_image", get_image),
    ("update_image", update_image),
];

fn upload_image_from_file(call: &Call<'_>) -> Result<Answer, Refusal> {
    let parts =
        parts(&call.body).ok_or_else(|| Problem::invalid("/data", "The body is not a form."))?;
    let field = |name: &str| parts.iter().find(|part| part.name == name);
    let file = field("file")
        .ok_or_else(|| Problem::invalid("/data/attributes/file", "The field is required."))?;
    let format = Format::of(file.content)
        .ok_or_else(|| Problem::invalid("/data/attributes/file", "It is no PNG, JPEG or GIF."))?;
    let text = |part: &Part<'_>| String::from_utf8_lossy(part.content).into_owned();
    let name = field("name").map(text);
    let name = name.unwrap_or_else(|| file.file_name.unwrap_or("image").to_owned());
    let hidden = match field("hidden").map(text).as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            let detail = "It must be true or false.";
            return Err(Problem::invalid("/data/attributes/hidden", detail).into());
        }
    };
    let mut account = call.account();
    let size = file.content.len() as u64;
    let image = account.images.create(&name, format, size, call.now);
    image.hidden = hidden;
    Ok(Answer::created(document(resource(image, call), call)))
}

/// Nothing is fetched: of an image from a URL only the URL is known, so its size is 0.
fn upload_image_from_url(call: &Call<'_>) -> Result<Answer, Refusal> {
    let body: Value = call.parse()?;
    let attributes = &body["data"]["attributes"];
    let url = attributes["import_from_url"].as_str().unwrap_or_default();
    let (format, size) = described(url).ok_or_else(|| {
        let detail = "It is neither a URL of an image nor a data URI of a PNG, JPEG or GIF.";
        Problem::invalid("/data/attributes/import_from_url", detail)
    })?;
    let in_url = url
        .split('?')
        .next()
        .and_then(|path| path.rsplit('/').next());
    let in_url = in_url.filter(|_| !url.starts_with("data:"));
    let name = attributes["name"].as_str().or(in_url).unwrap_or("image");
    let mut account = call.account();
    let image = account.images.create(name, format, size, call.now);
    image.hidden = attributes["hidden"].as_bool().unwrap_or(false);
    Ok(Answer::created(document(resource(image, call), call)))
}

/// The format and size of what a URL or a data URI stands for.
fn described(url: &str) -> Option<(Format, u64)> {
    if let Some(data) = url.strip_prefix("data:") {
        let (_, encoded) = data.split_once(";base64,")?;
        let content = STANDARD.decode(encoded).ok()?;
        return Some((Format::of(&content)?, content.len() as u64));
    }
    let is_url = url.starts_with("https://") || url.starts_with("http://");
    let path = url.split('?').next().unwrap_or_default().to_lowercase();
    let format = if path.ends_with(".jpg") || path.ends_with(".jpeg") {
        Format::Jpeg
    } else if path.ends_with(".gif") {
        Format::Gif
    } else {
        Format::Png
    };
    is_url.then_some((format, 0))
}

fn get_images(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let mut images: Vec<&Image> = account
        .images
        .iter()
        .filter(|image| {
            filter.passes(|field| match field {
                "id" => FieldValue::Text(&image.id),
                "name" => FieldValue::Text(&image.name),
                "format" => FieldValue::Text(image.format.name()),
                "hidden" => FieldValue::Flag(image.hidden),
                "size" => FieldValue::Number(image.size),
                "updated_at" => FieldValue::Moment(image.updated),
                _ => FieldValue::Missing,
            })
        })
        .collect();
    sort(&mut images, call.query.get("sort").unwrap_or_default());
    let page = Page::of(images.into_iter(), &call.query, &call.url())?;
    let rows = page.rows.into_iter();
    let data: Vec<Value> = rows.map(|image| resource(image, call)).collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn sort(images: &mut [&Image], by: &str) {
    match by.trim_start_matches('-') {
        "format" => images.sort_by_key(|image| image.format),
        "name" => images.sort_by_key(|image| &image.name),
        "size" => images.sort_by_key(|image| image.size),
        "updated_at" => images.sort_by_key(|image| image.updated),
        // They stand in the order of their ids.
        _ => {}
    }
    if by.starts_with('-') {
        images.reverse();
    }
}

fn get_image(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    let account = call.account();
    let image = account.images.get(id).ok_or_else(|| not_found(id))?;
    Ok(Answer::ok(document(resource(image, call), call)))
}

fn update_image(call: &Call<'_>) -> Result<Answer, Refusal> {
    let body: Value = call.parse()?;
    let id = call.path.get("id");
    let mut account = call.account();
    let image = account.images.get_mut(id).ok_or_else(|| not_found(id))?;
    items::check_id(body["data"]["id"].as_str(), call)?;
    let attributes = &body["data"]["attributes"];
    if let Some(name) = attributes["name"].as_str() {
        name.clone_into(&mut image.name);
    }
    if let Some(hidden) = attributes["hidden"].as_bool() {
        image.hidden = hidden;
    }
    image.updated = call.now;
    Ok(Answer::ok(document(resource(image, call), call)))
}

fn not_found(id: &str) -> Problem {
    Problem::not_found(format!("There is no image {id}."))
}

fn resource(image: &Image, call: &Call<'_>) -> Value {
    let url = format!(
        "https://images.shop.example/{}.{}",
        image.id,
        image.format.name()
    );
    let attributes = Map::from_iter([
        ("name".to_owned(), image.name.as_str().into()),
        ("image_url".to_owned(), url.into()),
        ("format".to_owned(), image.format.name().into()),
        ("size".to_owned(), image.size.into()),
        ("hidden".to_owned(), image.hidden.into()),
        ("updated_at".to_owned(), moment(image.updated).into()),
    ]);
    json!({
        "type": "image",
        "id": image.id,
        "attributes": sparse(attributes, "image", call),
        "links": {"self": link(call, "images", &image.id, "")},
    })
}
