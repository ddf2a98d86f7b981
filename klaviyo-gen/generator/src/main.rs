//! Writes `klaviyo-gen/src/generated` and `klaviyo_py/operations` from the documents in `openapi/`.
//!
//! `vendor` takes an upstream document in, `generate` writes the code, `check` says whether the
//! checked-in code is what `generate` would write. Nothing here names a revision.

mod caps;
mod check;
mod client;
mod diff;
mod docs;
mod document;
#[cfg(test)]
mod example;
mod facts;
mod generate;
mod manifest;
mod output;
mod prose;
mod python;
mod schema;
mod table;
mod vendor;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use generate::{Paths, Targets};

/// Writes klaviyo-gen's checked-in code from the vendored OpenAPI document.
#[derive(Parser)]
#[command(name = "klaviyo-generator")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Take an upstream OpenAPI document in: drop its prose, keep its facts.
    Vendor {
        /// The document, as Klaviyo publishes it.
        file: PathBuf,
        /// The directory to write `klaviyo-<revision>.json` to.
        #[arg(long, value_name = "DIR", default_value_os_t = Paths::default().openapi)]
        out: PathBuf,
    },
    /// Write the code from the vendored document.
    Generate {
        #[command(flatten)]
        source: Source,
        /// The directory to write Rust to; without this and `--python`, each goes to its place.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// The directory to write Python to.
        #[arg(long, value_name = "DIR")]
        python: Option<PathBuf>,
    },
    /// Fail when the checked-in code is not what `generate` would write.
    Check,
    /// Print what changes for users from one document to another, as Markdown.
    Diff {
        /// The old document; the `caps.toml` beside it, if any, is compared too.
        old: PathBuf,
        /// The new document, likewise.
        new: PathBuf,
        /// Fail when something breaks.
        #[arg(long)]
        breaking: bool,
    },
}

/// Which document to read.
#[derive(clap::Args)]
struct Source {
    /// The revision to read; the newest in the directory when left out.
    #[arg(long)]
    revision: Option<String>,
    /// The directory with `klaviyo-<revision>.json` and `caps.toml`.
    #[arg(long, value_name = "DIR", default_value_os_t = Paths::default().openapi)]
    openapi: PathBuf,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Vendor { file, out } => vendor::run(&file, &out, &Paths::default().openapi),
        Command::Generate {
            source,
            out,
            python,
        } => {
            let Source { revision, openapi } = source;
            let targets = match (out, python) {
                (None, None) => Targets::from(Paths::default()),
                (rust, python) => Targets {
                    rust,
                    python,
                    manifest: None,
                },
            };
            generate::run(&openapi, revision.as_deref(), &targets)
        }
        Command::Check => check::run(&Paths::default()),
        Command::Diff { old, new, breaking } => diff::run(&old, &new, breaking),
    }
}
