//! Writes `klaviyo-gen/src/generated` from the document in `openapi/`.
fn main() {}
