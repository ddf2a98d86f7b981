//! The report as Markdown.

use std::fmt::Write;

use super::{Change, Report, Section};

/// The report, from the old revision to the new one.
pub(super) fn write(report: &Report, (old, new): (&str, &str)) -> String {
    let breaking = report.breaking();
    let harmless = report.changes().count() - breaking;
    let mut text =
        format!("## Klaviyo {old} → {new}\n\nBreaking changes: {breaking}; others: {harmless}.\n");
    if !report.names.is_empty() {
        text.push_str("\n### Operations\n\n");
        list(&mut text, &report.names);
    }
    sections(&mut text, "Of single operations", &report.operations);
    sections(&mut text, "Fields", &report.fields);
    text
}

fn sections(text: &mut String, title: &str, sections: &[Section]) {
    if sections.is_empty() {
        return;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n### {title}");
    for section in sections {
        let _ = writeln!(text, "\n{}:\n", section.heading);
        list(text, &section.changes);
    }
}

fn list(text: &mut String, changes: &[Change]) {
    for change in changes {
        let mark = if change.harmless { "" } else { "**breaking** " };
        let _ = writeln!(text, "- {mark}{}", change.text);
    }
}
