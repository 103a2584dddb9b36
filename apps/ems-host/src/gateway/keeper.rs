//! What a crew keeps of its patient by camera: on the ambulance's disk first, then delivered to the
//! centre once, in order, however long that takes.

use std::sync::Arc;
use std::time::Duration;

use ems_model::{CameraFinding, Command, IncidentId, PhotoId, Request, UnitId};
use ems_store::{Letters, Photos, StoreError};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};

use super::Input;
use crate::client::CentreUrl;
use crate::client::calls::{CallError, CentreClient};
use crate::clock::Clock;

/// The pause before a centre that did not answer is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// Keeps and delivers. Clones share its folders.
#[derive(Debug, Clone)]
pub(super) struct Keeper {
    pub(super) photos: Photos,
    pub(super) letters: Letters,
    pub(super) unit: UnitId,
    pub(super) clock: Clock,
    pub(super) inputs: mpsc::Sender<Input>,
    pub(super) has_new: Arc<Notify>,
}

/// A letter, as it lies on the disk: the photo goes first.
#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    photo: Option<PhotoId>,
    request: Request,
}

/// What came of trying to deliver.
enum Tried {
    Delivered,
    /// Nothing waits.
    Nothing,
    NoAnswer,
}

impl Keeper {
    /// Keeps a photo of a wound; it is durable when this returns.
    pub(super) async fn keep_photo(
        &self,
        incident: IncidentId,
        photo: Vec<u8>,
        finding: impl FnOnce(PhotoId) -> CameraFinding,
    ) -> Result<(), StoreError> {
        let photos = self.photos.clone();
        let id = off_the_runtime(move || photos.keep(&photo)).await?;
        self.write(incident, Some(id.clone()), finding(id)).await
    }

    /// Keeps a measurement.
    pub(super) async fn keep(
        &self,
        incident: IncidentId,
        finding: CameraFinding,
    ) -> Result<(), StoreError> {
        self.write(incident, None, finding).await
    }

    async fn write(
        &self,
        incident: IncidentId,
        photo: Option<PhotoId>,
        finding: CameraFinding,
    ) -> Result<(), StoreError> {
        let (unit, at) = (self.unit.clone(), self.clock.now());
        let (key, actor) = (format!("camera-{unit}-{}", at.as_micros()), format!("unit:{unit}"));
        let command = Command::RecordCamera { incident, unit, at, finding };
        let letter = Letter { photo, request: Request { key, actor, command } };
        let letter = serde_json::to_vec(&letter).expect("a letter has text keys only");
        let letters = self.letters.clone();
        off_the_runtime(move || letters.keep(at.as_micros(), &letter)).await?;
        self.has_new.notify_one();
        Ok(())
    }

    /// Delivers until the gateway ends.
    pub(super) async fn deliver(self, centre: CentreUrl) {
        let client = CentreClient::new(centre);
        while !self.inputs.is_closed() {
            match self.deliver_first(&client).await {
                Ok(Tried::Delivered) => {}
                Ok(Tried::Nothing) => self.has_new.notified().await,
                Ok(Tried::NoAnswer) => tokio::time::sleep(TRY_AGAIN).await,
                Err(error) => {
                    self.complain(error.to_string()).await;
                    tokio::time::sleep(Duration::from_mins(1)).await;
                }
            }
        }
    }

    async fn deliver_first(&self, client: &CentreClient) -> Result<Tried, StoreError> {
        let letters = self.letters.clone();
        let Some((number, bytes)) = off_the_runtime(move || letters.first()).await? else {
            return Ok(Tried::Nothing);
        };
        let answer = match serde_json::from_slice(&bytes) {
            Ok(letter) => self.send(client, letter).await?,
            Err(error) => Answer::No(format!("letter {number} cannot be read ({error})")),
        };
        match answer {
            Answer::Taken => {}
            Answer::None => return Ok(Tried::NoAnswer),
            Answer::No(why) => {
                let what = format!("what the camera kept is not with the patient: {why}");
                self.complain(what).await;
            }
        }
        let letters = self.letters.clone();
        off_the_runtime(move || letters.remove(number)).await?;
        Ok(Tried::Delivered)
    }

    async fn send(&self, client: &CentreClient, letter: Letter) -> Result<Answer, StoreError> {
        if let Some(id) = letter.photo.clone() {
            let photos = self.photos.clone();
            // One that is gone was delivered before the gateway was killed.
            if let Some(photo) = off_the_runtime(move || photos.read(&id)).await?
                && let Err(error) = client.keep_photo(photo).await
            {
                return Ok(error.into());
            }
        }
        if let Err(error) = client.command(&letter.request).await {
            return Ok(error.into());
        }
        if let Some(id) = letter.photo {
            let photos = self.photos.clone();
            off_the_runtime(move || photos.forget(&id)).await?;
        }
        Ok(Answer::Taken)
    }

    async fn complain(&self, what: String) {
        // The gateway may have ended; then nobody wants to know.
        drop(self.inputs.send(Input::Complaint(what)).await);
    }
}

/// What the centre said to a letter.
enum Answer {
    Taken,
    /// It will never be taken.
    No(String),
    /// It may be taken later.
    None,
}

impl From<CallError> for Answer {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused { status: 400..500, message, .. } => Self::No(message),
            CallError::Refused { .. } | CallError::NoAnswer { .. } => Self::None,
        }
    }
}

/// Runs what waits for a disk off the threads that serve.
async fn off_the_runtime<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    // It panics nowhere, and the runtime ends after its tasks.
    tokio::task::spawn_blocking(act).await.unwrap_or(Err(StoreError::Closed))
}
