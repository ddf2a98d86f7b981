//! Every operation of the table, called with a request made from its schema, answers with a success
//! that is valid against its schema (spec).

mod amended;
mod arranged;
mod joined;
mod made;

use klaviyo_gen::{OPERATIONS, Operation};

use crate::desk::{Desk, Reply};
use crate::document;

use arranged::Arranged;
use made::{Query, Request};

/// Calls an operation on an account that has what it needs; says what is wrong with the answer.
async fn complaint(desk: &Desk, operation: &'static Operation, query: Query) -> Option<String> {
    desk.sandbox.reset();
    let mut arranged = Arranged::new(desk).await;
    arranged.leave_to(operation);
    arranged.fill(operation).await;
    arranged.join(operation).await;
    let request = made::request(operation, query, &mut arranged).await;
    let reply = request.send(desk).await;
    let method = operation.method.as_str();
    let complaint = if operation.success.iter().any(|it| it.status == reply.status) {
        document::complaint(method, &request.path, reply.status, &reply.body)
            .or_else(|| is_empty(&request, &reply).then(|| "its list is empty".to_owned()))?
    } else {
        "it is refused".to_owned()
    };
    let (id, status) = (operation.id, reply.status);
    Some(format!(
        "{id}: {complaint}\n{request}\n{status} {}",
        reply.body
    ))
}

/// Whether a collection, or a part of one, has nothing in it, so that its answer shows no resource.
fn is_empty(request: &Request, reply: &Reply) -> bool {
    request.is_for_a_collection() && reply.body["data"].as_array().is_some_and(Vec::is_empty)
}

/// Calls every operation, and fails with all that do not answer as they should.
async fn all_answer(query: Query) {
    let desk = Desk::open().await;
    let mut complaints = Vec::new();
    for operation in OPERATIONS {
        complaints.extend(complaint(&desk, operation, query).await);
    }
    let count = complaints.len();
    assert!(
        count == 0,
        "{count} operations:\n{}",
        complaints.join("\n\n")
    );
}

#[tokio::test]
async fn asked_for_no_more_than_it_must_be() {
    all_answer(Query::Required).await;
}

#[tokio::test]
async fn asked_for_all_that_it_can_include() {
    all_answer(Query::Whole).await;
}

#[tokio::test]
async fn asked_for_everything_that_it_can_be() {
    all_answer(Query::Everything).await;
}
