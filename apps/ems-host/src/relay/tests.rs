//! Two ambulances in one program.

use std::net::{SocketAddr, UdpSocket};

use ems_bundle::Draft;
use ems_model::{Frame, FrameBody, Millis, UnitId, WaveChunk};
use ems_store::ShelfLimits;
use ems_uplink::Ranges;
use quinn::{Connection, Endpoint};

use super::carry::Carrying;
use super::notary::Notary;
use super::{call, quic};
use crate::clock::system_time;
use crate::link::certificates::{Authority, CENTRE_NAME, Credentials};

const HOUR: Millis = Millis::from_mins(60);

struct Town {
    authority: Authority,
    folder: tempfile::TempDir,
}

impl Town {
    fn new() -> Self {
        let authority = Authority::make(system_time(), 9).unwrap();
        Self { authority, folder: tempfile::tempdir().unwrap() }
    }

    fn unit(&self, name: &str) -> Credentials {
        let issued = self.authority.unit(&unit(name), system_time(), 9).unwrap();
        Credentials::of(&issued).unwrap()
    }

    fn centre(&self) -> Notary {
        let issued = self.authority.centre(system_time(), 9).unwrap();
        Notary::of(&Credentials::of(&issued).unwrap()).unwrap()
    }

    fn carrier(&self, limits: ShelfLimits) -> Carrying {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let carrying =
            Carrying::listen(socket, &self.unit("B1"), self.folder.path(), limits).unwrap();
        tokio::spawn(carrying.clone().answer());
        carrying
    }
}

fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

fn frames(from: u64, to: u64) -> Draft {
    let frame = |seq| {
        let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts: vec![1], beats: vec![] };
        let at = system_time();
        Frame {
            unit: unit("A1"),
            seq,
            at,
            incident: None,
            clock: None,
            body: FrameBody::Wave(chunk),
        }
    };
    let frames: Vec<_> = (from..=to).map(frame).collect();
    Draft::frames(&unit("A1"), &frames, system_time(), HOUR).unwrap().0
}

fn receipt(first: u64, last: u64) -> Draft {
    Draft::receipt(&unit("A1"), &[(first, last)], system_time(), HOUR).unwrap()
}

async fn connect(
    as_unit: &Credentials,
    to: Option<SocketAddr>,
) -> Result<(Endpoint, Connection), quinn::ConnectionError> {
    let endpoint = Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let config = quic::client(as_unit).unwrap();
    let connection = endpoint.connect_with(config, to.unwrap(), CENTRE_NAME).unwrap().await?;
    Ok((endpoint, connection))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_keeps_what_is_signed_and_gives_receipts_back() {
    let town = Town::new();
    let carrier = town.carrier(ShelfLimits::default());
    let (a1, b1) = (town.unit("A1"), town.unit("B1"));
    let (a1_notary, b1_notary) = (Notary::of(&a1).unwrap(), Notary::of(&b1).unwrap());
    let (_endpoint, a) = connect(&a1, carrier.address()).await.unwrap();
    assert!(call::held(&a).await.unwrap().is_empty());

    let bundle = a1_notary.seal(&frames(1, 5)).unwrap();
    call::keep(&a, &bundle).await.unwrap();
    call::keep(&a, &bundle).await.unwrap();
    let mut damaged = bundle.clone();
    damaged[bundle.len() - 20] ^= 1;
    for (bundle, why) in [
        (damaged, "it is no bundle of RFC 9171"),
        (b1_notary.seal(&frames(6, 9)).unwrap(), "its signature is unit B1's"),
        (Town::new().centre().seal(&frames(6, 9)).unwrap(), "certificate is refused"),
        (town.centre().seal(&receipt(6, 9)).unwrap(), "it is no bundle of frames"),
    ] {
        let told = call::keep(&a, &bundle).await.unwrap_err();
        assert!(told.contains(why), "{told}");
    }
    let mut held = Ranges::default();
    held.insert(1, 5);
    assert_eq!(call::held(&a).await.unwrap(), held);

    let receipt_of_centre = town.centre().seal(&receipt(1, 5)).unwrap();
    for forged in [
        a1_notary.seal(&receipt(1, 5)).unwrap(),
        Town::new().centre().seal(&receipt(1, 5)).unwrap(),
        town.centre().seal(&receipt(1, 4)).unwrap(),
    ] {
        assert_eq!(carrier.take_receipt(&forged), None);
    }
    assert!(call::receipts(&a).await.unwrap().is_empty());
    assert!(carrier.take_receipt(&receipt_of_centre).is_some());
    assert_eq!(call::held(&a).await.unwrap(), held, "a receipt is as good as the frames");
    assert_eq!(call::receipts(&a).await.unwrap(), [receipt_of_centre]);
    while !call::held(&a).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }

    let (_endpoint, b) = connect(&b1, carrier.address()).await.unwrap();
    assert!(call::held(&b).await.unwrap().is_empty(), "each unit is told of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_shelf_takes_no_more() {
    let town = Town::new();
    let limits = ShelfLimits { n_of_unit_max: 1, ..ShelfLimits::default() };
    let carrier = town.carrier(limits);
    let a1 = town.unit("A1");
    let (_endpoint, a) = connect(&a1, carrier.address()).await.unwrap();
    let notary = Notary::of(&a1).unwrap();
    call::keep(&a, &notary.seal(&frames(1, 5)).unwrap()).await.unwrap();
    let told = call::keep(&a, &notary.seal(&frames(6, 9)).unwrap()).await.unwrap_err();
    assert_eq!(told, "the shelf is full: try again later");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_units_certificate_of_the_authority_is_no_neighbour() {
    let town = Town::new();
    let carrier = town.carrier(ShelfLimits::default());
    let stranger = Town::new();
    assert!(connect(&stranger.unit("A1"), carrier.address()).await.is_err(), "B is a stranger");
    let issued = town.authority.centre(system_time(), 9).unwrap();
    let of_centre = Credentials::of(&issued).unwrap();
    // TLS 1.3 lets the client finish first; it is told when it asks.
    if let Ok((_endpoint, connection)) = connect(&of_centre, carrier.address()).await {
        assert!(call::held(&connection).await.is_err(), "a centre does not give bundles away");
    }
}
