//! Which operation a request is for: the paths of the operation table, matched.

use std::borrow::Cow;
use std::collections::HashMap;

use klaviyo_gen::{OPERATIONS, Operation};
use percent_encoding::percent_decode_str;

use crate::problem::Problem;

/// All paths of the table, by the number of their segments.
#[derive(Debug)]
pub(crate) struct Routes {
    by_length: HashMap<usize, Vec<Route>>,
}

#[derive(Debug)]
struct Route {
    operation: &'static Operation,
    segments: Vec<Segment>,
    literals: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment {
    Literal(&'static str),
    Parameter(&'static str),
}

/// The values of a path's parameters, decoded.
#[derive(Debug, Default)]
pub(crate) struct PathValues(Vec<(&'static str, String)>);

impl PathValues {
    /// The value of a parameter; empty if the path has no such parameter.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(other, _)| *other == name)
            .map_or("", |(_, value)| value)
    }
}

impl Routes {
    pub(crate) fn new() -> Self {
        let mut by_length: HashMap<usize, Vec<Route>> = HashMap::new();
        for operation in OPERATIONS {
            let segments: Vec<Segment> = split(operation.path).map(Segment::of).collect();
            let literals = segments
                .iter()
                .filter(|segment| matches!(segment, Segment::Literal(_)))
                .count();
            by_length.entry(segments.len()).or_default().push(Route {
                operation,
                segments,
                literals,
            });
        }
        // A literal segment goes before a parameter in the same place.
        for routes in by_length.values_mut() {
            routes.sort_by_key(|route| std::cmp::Reverse(route.literals));
        }
        Self { by_length }
    }

    /// The operation for a method and path.
    pub(crate) fn find(
        &self,
        method: &str,
        path: &str,
    ) -> Result<(&'static Operation, PathValues), Problem> {
        let segments: Vec<&str> = split(path).collect();
        let matching = self
            .by_length
            .get(&segments.len())
            .into_iter()
            .flatten()
            .filter_map(|route| Some((route.operation, route.values(&segments)?)));
        let mut taken = Vec::new();
        for (operation, values) in matching {
            if operation.method.as_str() == method {
                return Ok((operation, values));
            }
            taken.push(operation.method.as_str());
        }
        Err(if taken.is_empty() {
            Problem::not_found("No operation has this path.")
        } else {
            let taken = taken.join(", ");
            Problem::method_not_allowed(format!("The path takes {taken}, not {method}."))
        })
    }
}

impl Segment {
    fn of(text: &'static str) -> Self {
        match text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        {
            Some(name) => Self::Parameter(name),
            None => Self::Literal(text),
        }
    }
}

impl Route {
    fn values(&self, segments: &[&str]) -> Option<PathValues> {
        let mut values = PathValues::default();
        for (segment, text) in self.segments.iter().zip(segments) {
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::Literal(_) => return None,
                Segment::Parameter(_) if text.is_empty() => return None,
                Segment::Parameter(name) => values.0.push((name, decoded(text)?.into_owned())),
            }
        }
        Some(values)
    }
}

/// The segments of a path; a slash at its end makes no further one.
fn split(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/')
        .trim_end_matches('/')
        .split('/')
}

fn decoded(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_own_path() {
        let routes = Routes::new();
        for operation in OPERATIONS {
            let (found, _) = routes
                .find(
                    operation.method.as_str(),
                    &operation.path.replace(['{', '}'], ""),
                )
                .unwrap_or_else(|problem| panic!("{}: {problem:?}", operation.id));
            assert_eq!(found.id, operation.id);
        }
    }

    #[test]
    fn path_values_are_decoded() {
        let routes = Routes::new();
        let (operation, values) = routes
            .find("GET", "/api/profile-bulk-import-jobs/YWJj%3D/")
            .unwrap();
        assert_eq!(operation.id, "get_bulk_import_profiles_job");
        assert_eq!(values.get("job_id"), "YWJj=");
    }

    #[test]
    fn an_unknown_path_is_not_a_wrong_method() {
        let routes = Routes::new();
        assert_eq!(routes.find("GET", "/api/nothing").unwrap_err().status, 404);
        assert_eq!(
            routes.find("GET", "/api/profiles//").unwrap().0.id,
            "get_profiles"
        );
        assert_eq!(routes.find("PUT", "/api/profiles").unwrap_err().status, 405);
    }
}
