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
        let refuse = |why: &str| Error::Configuration(format!("base_url {text:?} {why}"));
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
        if !matches!(url.path(), "" | "/") || url.query().is_some() || !url.username().is_empty() {
            return Err(refuse("must be scheme, host and port only"));
        }
        Ok(Origin(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// Path and query of a link that Klaviyo gave, when it leads to this origin or names none.
    ///
    /// A link elsewhere is not followed: it would take the key there.
    #[must_use]
    pub fn target_of<'a>(&self, link: &'a str) -> Option<&'a str> {
        let target = link.strip_prefix(&self.0).unwrap_or(link);
        (target.starts_with('/') && !target.starts_with("//")).then_some(target)
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
            "a.klaviyo.com",
        ] {
            assert!(Origin::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn links_elsewhere_are_not_followed() {
        let origin = Origin::parse("https://a.klaviyo.com").unwrap();
        assert_eq!(
            origin.target_of("https://a.klaviyo.com/api/x?page=2"),
            Some("/api/x?page=2")
        );
        assert_eq!(origin.target_of("/api/x"), Some("/api/x"));
        for elsewhere in [
            "https://a.klaviyo.com.shop.example/x",
            "//shop.example/x",
            "http://a.klaviyo.com/x",
        ] {
            assert_eq!(origin.target_of(elsewhere), None, "{elsewhere}");
        }
    }
}
