//! The console, out of the binary itself.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::error::ApiError;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Console;

/// Shown where the binary was built before the console was.
const NO_CONSOLE: &str = "<!doctype html><meta charset=utf-8><title>Golden Hour</title>\
    <h1>This build has no console</h1><p>Run <code>make web</code>, then build the binary again. \
    The API works: <a href=/api/openapi.json>/api/openapi.json</a>.</p>";

/// Whatever is no call of the API: the console is looked at only.
pub(crate) async fn fallback(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let is_look = matches!(method, Method::GET | Method::HEAD);
    let path = uri.path().trim_start_matches('/');
    if !is_look || path == "api" || path.starts_with("api/") {
        let message =
            format!("there is no call {method} {}: choose one of /api/openapi.json", uri.path());
        return ApiError::new(StatusCode::NOT_FOUND, "unknown", message).into_response();
    }
    asset(uri, headers).await
}

/// A file of the console, or its page for the paths that it routes itself.
pub(crate) async fn asset(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Console::get(path) {
        return answer(path, &file, &headers);
    }
    if is_page(path) {
        return page("index.html", &headers);
    }
    (StatusCode::NOT_FOUND, "there is no such page: start at /\n").into_response()
}

/// A page of the console by its file.
pub(crate) fn page(name: &str, headers: &HeaderMap) -> Response {
    match Console::get(name) {
        Some(file) => answer(name, &file, headers),
        None => (StatusCode::SERVICE_UNAVAILABLE, Html(NO_CONSOLE)).into_response(),
    }
}

fn is_page(path: &str) -> bool {
    matches!(path, "" | "report" | "replay" | "major" | "tag" | "aid")
        || ["hospital/", "crew/", "major/", "tag/"].iter().any(|page| path.starts_with(page))
}

fn answer(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let (start, _) = hash.split_first_chunk().expect("a SHA-256 has 32 bytes");
    let tag = format!("\"{:016x}\"", u64::from_be_bytes(*start));
    // Vite puts a hash of the content into the names below assets/.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let head = [(CACHE_CONTROL, cache.to_owned()), (ETAG, tag.clone())];
    if known.is_some_and(|known| known.contains(&tag)) {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(CONTENT_TYPE, media_type(path))], file.data.clone()).into_response()
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
