//! Where requests go: scheme, host and port, checked once.

use std::fmt;
use std::net::IpAddr;

use crate::error::Error;

/// Scheme, host and port that requests go to, without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Klaviyo's own.
    #[must_use]
    pub fn klaviyo() -> Self {
        Origin("https://a.klaviyo.com".to_owned())
    }

    /// Reads `https://host[:port]`, or `http://` to this machine: anything else would show the key
    /// to the network.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it is neither.
    pub fn parse(text: &str) -> Result<Self, Error> {
        // Without the text itself: it may hold a password.
        let refuse = |why: &str| Error::Configuration(format!("base_url {why}"));
        let url =
            reqwest::Url::parse(text).map_err(|cause| refuse(&format!("is no URL: {cause}")))?;
        let host = url.host_str().ok_or_else(|| refuse("has no host"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => {
                return Err(refuse(
                    "would send the key in the clear; use https:// (http:// only goes to this machine)",
                ));
            }
            _ => return Err(refuse("must begin with https://")),
        }
        let bare =
            matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("must be scheme, host and port only"));
        }
        Ok(Origin(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// Whether requests stay on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let url = reqwest::Url::parse(&self.0);
        url.is_ok_and(|url| url.host_str().is_some_and(is_loopback))
    }

    /// The whole URL of a target (path and query).
    pub(super) fn url(&self, target: &str) -> String {
        format!("{}{target}", self.0)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for fine in [
            "https://a.klaviyo.com",
            "http://127.0.0.1:8080/",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert!(Origin::parse(fine).is_ok(), "{fine}");
        }
        for refused in [
            "http://a.klaviyo.com",
            "http://127.0.0.1.shop.example",
            "ftp://a.klaviyo.com",
            "https://a.klaviyo.com/api",
            "https://user@a.klaviyo.com",
            "https://:secret@a.klaviyo.com",
            "https://a.klaviyo.com/#x",
            "a.klaviyo.com",
        ] {
            let error = Origin::parse(refused).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
