//! The Python face of klaviyo-core.
