//! The other side of `docs/api.md`: what a gateway and the twin use. Nothing of the centre is
//! reached but through its sockets.

pub(crate) mod ages;
pub(crate) mod calls;
mod carriage;
pub(crate) mod connection;
pub(crate) mod follow;
mod handle;
pub(crate) mod numbers;
mod socket;
pub(crate) mod uplink;

use std::fmt;

use axum::http::Uri;

/// Where a centre is: `http://127.0.0.1:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CentreUrl {
    authority: String,
}

/// An address that is no centre's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{url}\" is not http://HOST:PORT: give the address that the centre prints when it starts"
)]
pub struct BadUrl {
    url: String,
}

impl CentreUrl {
    /// Reads `http://HOST:PORT`.
    pub fn parse(url: &str) -> Result<Self, BadUrl> {
        let bad = || BadUrl { url: url.to_owned() };
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let has_path = !matches!(uri.path(), "" | "/") || uri.query().is_some();
        match (uri.scheme_str(), uri.authority()) {
            (Some("http"), Some(authority)) if !has_path => {
                Ok(Self { authority: authority.to_string() })
            }
            _ => Err(bad()),
        }
    }

    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority)
    }

    pub(crate) fn websocket(&self, path: &str) -> String {
        format!("ws://{}{path}", self.authority)
    }
}

impl fmt::Display for CentreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_http_address_is_a_centre() {
        for (url, ok) in [
            ("http://127.0.0.1:8080", true),
            ("http://centre.example/", true),
            ("127.0.0.1:8080", false),
            ("https://centre.example", false),
            ("http://centre.example/api", false),
            ("", false),
        ] {
            assert_eq!(CentreUrl::parse(url).is_ok(), ok, "{url}");
        }
    }
}
