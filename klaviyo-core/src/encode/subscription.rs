//! The rows of subscribing and unsubscribing: who, and which channels.
//!
//! A row says its channels as `channels` (`["email", "sms"]`), or in the API's own words
//! (`subscriptions.email.marketing.consented_at`); else the channels that were said for all hold.

use klaviyo_gen::{Field, Kind as ValueKind, Operation, Schema};

use super::check::Check;
use super::kind::{Kind, Output};
use super::layout::{Layout, NodeId};
use super::reason::Reason;
use super::references::IDS as WORDS;
use super::resource::{Resource, identify, item_schema, no_place};
use super::row::RowWriter;
use super::state::Capture;
use crate::error::Error;

/// What a row may say once instead of for each channel.
static SHORTHANDS: [Field; 2] = [
    Field {
        name: "channels",
        required: false,
        schema: WORDS,
    },
    Field {
        name: "consented_at",
        required: false,
        schema: Schema {
            kind: ValueKind::String {
                format: Some("date-time"),
                values: &[],
            },
            nullable: false,
        },
    },
];

/// What holds for all rows of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct SubscriptionRules {
    /// The channels of rows that say none.
    pub(crate) channels: Vec<String>,
    /// Whether consent was given earlier, so that each channel needs the time of it.
    pub(crate) historical: bool,
}

/// The rows of subscribing and unsubscribing.
#[derive(Debug)]
pub(super) struct Subscriptions {
    resource: Resource,
    subscriptions: NodeId,
    channels: Vec<Channel>,
    /// The channels of rows that say none, as indices of `channels`.
    usual: Vec<usize>,
    historical: bool,
}

/// Something that a profile can be subscribed to.
#[derive(Debug)]
struct Channel {
    /// `email` for e-mail marketing, `sms.transactional` for something else than marketing.
    word: String,
    node: NodeId,
    /// The slot of its `consented_at`, if it has one.
    consented_at: Option<usize>,
    /// Whether the word alone says all that Klaviyo needs.
    by_word: bool,
}

pub(super) fn layout(
    operation: &'static Operation,
    rules: &SubscriptionRules,
) -> Result<(Layout, Subscriptions), Error> {
    let mut layout = Layout::default();
    let resource = Resource::add(&mut layout, item_schema(operation)?, Check::NotEmpty);
    let subscriptions = layout.below(resource.node, &["attributes", "subscriptions"]);
    let subscriptions = subscriptions.ok_or_else(|| no_place(operation))?;
    let channels = channels(&layout, subscriptions);
    let dated = channels.iter().any(|one| one.consented_at.is_some());
    let shorthands = if dated {
        &SHORTHANDS[..]
    } else {
        &SHORTHANDS[..1]
    };
    let aside = layout.add_aside(shorthands);
    layout.mark(aside, "channels", Check::Nothing, Some(Capture::Channels));
    layout.mark(
        aside,
        "consented_at",
        Check::Time,
        Some(Capture::ConsentedAt),
    );
    let usual = rules.channels.iter().map(|word| find(&channels, word));
    let usual = usual.collect::<Result<_, _>>();
    let usual = usual.map_err(|reason| Error::Configuration(format!("channels: {reason}")))?;
    let rows = Subscriptions {
        resource,
        subscriptions,
        channels,
        usual,
        historical: rules.historical,
    };
    Ok((layout, rows))
}

fn channels(layout: &Layout, subscriptions: NodeId) -> Vec<Channel> {
    let kinds = layout.nodes[subscriptions].children.iter();
    let several = kinds.flat_map(|&medium| {
        let around = &layout.nodes[medium];
        let mut leaves = around.fields.iter();
        let by_word = !leaves
            .any(|field| field.required && !matches!(field.schema.kind, ValueKind::Object(_)));
        around.children.iter().map(move |&node| Channel {
            word: match layout.nodes[node].key {
                "marketing" => around.key.to_owned(),
                other => format!("{}.{other}", around.key),
            },
            node,
            consented_at: layout.nodes[node]
                .field("consented_at")
                .map(|(_, slot)| slot),
            by_word,
        })
    });
    several.collect()
}

/// The channel of that word.
fn find(channels: &[Channel], word: &str) -> Result<usize, Reason> {
    let mut known = channels.iter();
    known
        .position(|channel| channel.by_word && channel.word == word)
        .ok_or_else(|| {
            let known = channels.iter().filter(|channel| channel.by_word);
            let known: Vec<&str> = known.map(|channel| channel.word.as_str()).collect();
            let detail = format!("{word:?} is no channel; give some of {}", known.join(", "));
            Reason::new("unknown_channel", detail).at("channels")
        })
}

impl Kind for Subscriptions {
    fn finish(&mut self, writer: &mut RowWriter, _: u64, out: &mut Output) -> Result<(), Reason> {
        self.choose_channels(writer)?;
        self.date_consents(writer)?;
        self.check_addresses(writer)?;
        self.resource.check_required(writer, "")?;
        self.resource.write(writer, &mut out.item);
        identify(|what| writer.state.captured(what), &mut out.identity);
        Ok(())
    }
}

impl Subscriptions {
    /// Marks the channels that the row names, or else those of all rows.
    fn choose_channels(&self, writer: &mut RowWriter) -> Result<(), Reason> {
        let chosen = match writer.state.captured(Capture::Channels) {
            Some(words) => {
                let words = words_of(words)?;
                let found = words.iter().map(|word| find(&self.channels, word));
                found.collect::<Result<Vec<_>, _>>()?
            }
            None if writer.state.is_empty(self.subscriptions) => self.usual.clone(),
            None => Vec::new(),
        };
        for index in chosen {
            let channel = &self.channels[index];
            writer.state.fill(&writer.layout, channel.node);
        }
        if writer.state.is_empty(self.subscriptions) {
            let detail = "the row says no channel; give channels, for example [\"email\"], or \
                          channels= for all rows";
            return Err(Reason::new("missing_channels", detail).at("channels"));
        }
        Ok(())
    }

    /// Writes the row's `consented_at` into each of its channels that has none.
    fn date_consents(&self, writer: &mut RowWriter) -> Result<(), Reason> {
        let date = writer.state.captured(Capture::ConsentedAt);
        let date = date.map(<[u8]>::to_vec);
        for channel in &self.channels {
            let Some(slot) = channel.consented_at else {
                continue;
            };
            if writer.gave(slot) || !writer.state.is_written(&writer.layout, channel.node) {
                continue;
            }
            match &date {
                Some(date) => {
                    let state = &mut writer.state;
                    state.push_member(&writer.layout, channel.node, "consented_at", date);
                }
                None if self.historical => return Err(undated(&channel.word)),
                None => {}
            }
        }
        Ok(())
    }

    /// Refuses a channel for which the row has no address.
    fn check_addresses(&self, writer: &RowWriter) -> Result<(), Reason> {
        let has = |capture| writer.state.captured(capture).is_some();
        if has(Capture::Id) {
            return Ok(());
        }
        let media = &writer.layout.nodes[self.subscriptions].children;
        for &medium in media {
            if writer.state.is_empty(medium) {
                continue;
            }
            let word = writer.layout.nodes[medium].key;
            match word {
                "email" if !has(Capture::Email) => return Err(unreachable(word, "email")),
                "sms" | "whatsapp" if !has(Capture::PhoneNumber) => {
                    return Err(unreachable(word, "phone_number"));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn words_of(json: &[u8]) -> Result<Vec<String>, Reason> {
    let one = serde_json::from_slice(json).map(|word| vec![word]);
    one.or_else(|_| serde_json::from_slice(json)).map_err(|_| {
        let detail = "expected an array of texts, for example [\"email\", \"sms\"]";
        Reason::new("wrong_type", detail).at("channels")
    })
}

fn undated(word: &str) -> Reason {
    let detail = format!(
        "an earlier consent needs its time; give consented_at, or leave {word} or historical_import out"
    );
    Reason::new("missing_consented_at", detail).at("consented_at")
}

fn unreachable(word: &str, field: &str) -> Reason {
    let detail = format!(
        "the channel {word} needs {field}; give it, or give the row channels without {word}"
    );
    Reason::new("missing_identifier", detail).at(field)
}
