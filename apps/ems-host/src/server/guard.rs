//! What every answer carries, and who may not ask.

use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderValue, ORIGIN, REFERRER_POLICY, UPGRADE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;

/// Nothing is loaded from elsewhere. `MapLibre` writes styles and runs its workers from blobs.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; worker-src 'self' blob:; child-src blob:; connect-src 'self'; \
    font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Keeps another site's page, open in a dispatcher's browser, from giving commands or listening.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let is_look = matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.headers().contains_key(UPGRADE);
    let mut response = if is_look || is_same_origin(request.headers()) {
        next.run(request).await
    } else {
        let message = "the call comes from another site's page: use the console at this address";
        ApiError::new(StatusCode::FORBIDDEN, "not_allowed", message).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Whether a browser's page came from here; programs send no origin.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok());
    let from = origin.as_ref().and_then(Uri::authority);
    let to = headers.get(HOST).and_then(|host| host.to_str().ok());
    from.is_some_and(|from| Some(from.as_str()) == to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_sites_page_is_told_apart() {
        for (origin, is_same) in [
            (None, true),
            (Some("http://localhost:8080"), true),
            (Some("http://localhost:9"), false),
            (Some("https://evil.example"), false),
            (Some("null"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("localhost:8080"));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(is_same_origin(&headers), is_same, "{origin:?}");
        }
    }
}
