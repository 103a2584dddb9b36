//! A link that can be cut: a TCP proxy between a gateway and its centre.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A link in front of one address.
pub(crate) struct Link {
    pub(crate) port: u16,
    is_up: Arc<AtomicBool>,
    cut: watch::Sender<u64>,
}

impl Link {
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_up = Arc::new(AtomicBool::new(true));
        let (cut, cuts) = watch::channel(0);
        tokio::spawn(carry_all(listener, target, Arc::clone(&is_up), cuts));
        Self { port, is_up, cut }
    }

    /// Drops every connection in the middle of whatever it carries, and takes no new one.
    pub(crate) fn cut(&self) {
        self.is_up.store(false, Ordering::SeqCst);
        self.cut.send_modify(|n_cuts| *n_cuts += 1);
    }

    pub(crate) fn mend(&self) {
        self.is_up.store(true, Ordering::SeqCst);
    }
}

async fn carry_all(
    listener: TcpListener,
    target: u16,
    is_up: Arc<AtomicBool>,
    cuts: watch::Receiver<u64>,
) {
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        if !is_up.load(Ordering::SeqCst) {
            continue;
        }
        let mut cuts = cuts.clone();
        cuts.mark_unchanged();
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(("127.0.0.1", target)).await else { return };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                _ = cuts.changed() => {}
            }
        });
    }
}
