//! A Klaviyo on loopback.
