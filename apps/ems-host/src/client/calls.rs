//! Calls to a centre over HTTP.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use ems_model::{
    CasualtyPlace, HospitalCandidate, IncidentId, PhotoId, Request, Response, UnitCandidate,
};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::CentreUrl;
use crate::view::answer::Ack;
use crate::view::traffic::TrafficAck;

/// How long an answer is waited for.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long a photo may take over a weak link.
const PHOTO_WITHIN: Duration = Duration::from_mins(3);
/// The largest answer that is read: the snapshot of a very large service.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Why a call has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The centre said no.
    #[error("{message} ({code}, status {status})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The API's code.
        code: String,
        /// Value, limit, remedy.
        message: String,
    },
    /// It is not known what the centre did, if anything: ask again under the same key.
    #[error("{centre} does not answer ({why}): start it, or check the network")]
    NoAnswer {
        /// Who was asked.
        centre: String,
        /// What happened.
        why: String,
    },
}

/// Ranked units and hospitals as the API tells them.
#[derive(Debug, Clone, Deserialize)]
pub struct AdviceAnswer {
    /// The incident's version.
    pub version: u32,
    /// Units, best first.
    pub units: Candidates<UnitCandidate>,
    /// Hospitals, best first.
    pub hospitals: Candidates<HospitalCandidate>,
    /// Where the casualties of a major incident would go.
    pub places: Vec<CasualtyPlace>,
    /// Who should take the places of the run card.
    pub response: Option<Response>,
}

/// A photo that the centre keeps.
#[derive(Debug, Clone, Deserialize)]
pub struct PhotoKept {
    /// Its name there.
    pub photo: PhotoId,
}

/// A ranking.
#[derive(Debug, Clone, Deserialize)]
pub struct Candidates<T> {
    /// Best first.
    pub candidates: Vec<T>,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: ErrorText,
}

#[derive(Deserialize)]
struct ErrorText {
    code: String,
    message: String,
}

/// Calls one centre. Clones share its connections.
#[derive(Debug, Clone)]
pub struct CentreClient {
    centre: CentreUrl,
    http: Client<HttpConnector, Full<Bytes>>,
}

impl CentreClient {
    /// Connects when it is first used.
    pub fn new(centre: CentreUrl) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(2)));
        Self { centre, http: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// Where the centre is.
    pub fn centre(&self) -> &CentreUrl {
        &self.centre
    }

    /// Gives a command once. After [`CallError::NoAnswer`] give it again: its key makes that safe.
    pub async fn command(&self, request: &Request) -> Result<Ack, CallError> {
        let body = serde_json::to_vec(request).expect("a request has text keys only");
        self.call(Method::POST, "/api/commands", body).await
    }

    /// Applies a file of traffic once. After [`CallError::NoAnswer`] apply it again under its key.
    pub async fn apply_traffic(
        &self,
        key: &str,
        actor: &str,
        csv: Vec<u8>,
    ) -> Result<TrafficAck, CallError> {
        let path = format!("/api/traffic?key={}&actor={}", percent(key), percent(actor));
        self.call(Method::POST, &path, csv).await
    }

    /// Sends a photo to be kept; the same one again is kept once.
    pub async fn keep_photo(&self, photo: Vec<u8>) -> Result<PhotoKept, CallError> {
        self.call_within(PHOTO_WITHIN, Method::POST, "/api/photos", photo).await
    }

    /// Sends a bundle of a unit's frames; the answer is the centre's receipt, a bundle too.
    pub async fn take_bundle(&self, bundle: Vec<u8>) -> Result<Vec<u8>, CallError> {
        let exchange = self.exchange(Method::POST, "/api/bundles", bundle);
        match tokio::time::timeout(PHOTO_WITHIN, exchange).await {
            Ok(Ok((status, bytes))) if status.is_success() => Ok(bytes.into()),
            Ok(Ok((status, bytes))) => Err(self.refused(status, &bytes)),
            Ok(Err(why)) => Err(self.no_answer(why)),
            Err(_) => Err(self.no_answer(format!("nothing came in {PHOTO_WITHIN:?}"))),
        }
    }

    /// Asks for ranked units and hospitals.
    pub async fn recommendation(&self, incident: IncidentId) -> Result<AdviceAnswer, CallError> {
        self.get(&format!("/api/incidents/{incident}/recommendation")).await
    }

    /// Asks for anything that is read by `GET`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        self.call(Method::GET, path, Vec::new()).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, CallError> {
        self.call_within(ANSWER_WITHIN, method, path, body).await
    }

    async fn call_within<T: DeserializeOwned>(
        &self,
        within: Duration,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, CallError> {
        let exchange = tokio::time::timeout(within, self.exchange(method, path, body));
        let (status, bytes) = match exchange.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(why)) => return Err(self.no_answer(why)),
            Err(_) => return Err(self.no_answer(format!("nothing came in {within:?}"))),
        };
        if !status.is_success() {
            return Err(self.refused(status, &bytes));
        }
        serde_json::from_slice(&bytes).map_err(|error| self.no_answer(error.to_string()))
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<(StatusCode, Bytes), String> {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(self.centre.http(path))
            .header("content-type", "application/json")
            .body(Full::from(body))
            .map_err(|error| error.to_string())?;
        let response = self.http.request(request).await.map_err(|error| causes(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        Ok((status, body.map_err(|error| error.to_string())?.to_bytes()))
    }

    fn refused(&self, status: StatusCode, bytes: &[u8]) -> CallError {
        match serde_json::from_slice::<ErrorAnswer>(bytes) {
            Ok(answer) => CallError::Refused {
                status: status.as_u16(),
                code: answer.error.code,
                message: answer.error.message,
            },
            Err(_) => self.no_answer(format!("status {status} without a reason")),
        }
    }

    fn no_answer(&self, why: String) -> CallError {
        CallError::NoAnswer { centre: self.centre.to_string(), why }
    }
}

/// A text as it stands in a query (RFC 3986, section 2.1).
fn percent(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte: u8| {
        if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(encode).collect()
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
