//! A million packets that are damaged, cut or made up.

use ems_model::{Micros, Timestamp};
use ems_uplink::{Class, LinkId, Session, SessionOutput};

const N_PACKETS: u64 = 1_000_000;

pub(crate) fn run() -> anyhow::Result<()> {
    let mut now = Timestamp::from_millis(1_700_000_000_000);
    let [mut one, mut other, mut victim] = [now; 3].map(Session::new);
    for end in [&mut one, &mut other, &mut victim] {
        end.on_link_up(now, LinkId(0));
    }
    let mut chance = Chance(1);
    let (mut n_hostile, mut n_refused) = (0, 0);
    while n_hostile < N_PACKETS {
        now = now + Micros::new(500);
        let class = Class::ALL[(chance.next() % 10) as usize];
        let _ = one.push(now, class, vec![7; 9 + (chance.next() % 3000) as usize]);
        [&mut one, &mut other, &mut victim].into_iter().for_each(|end| end.on_wake(now));
        while let Some(output) = one.poll_output(now) {
            let SessionOutput::Packet { link, bytes } = output else { continue };
            let _ = other.on_packet(now, link, &bytes);
            for _ in 0..4 {
                n_hostile += 1;
                let refused = victim.on_packet(now, link, &chance.damaged(&bytes)).is_err();
                n_refused += u64::from(refused);
            }
        }
        while let Some(output) = other.poll_output(now) {
            let SessionOutput::Packet { link, bytes } = output else { continue };
            let _ = one.on_packet(now, link, &bytes);
        }
        while victim.poll_output(now).is_some() {}
    }
    println!("hostile: {n_hostile} damaged packets, {n_refused} refused, the rest read, no panic");
    Ok(())
}

/// `SplitMix64` (Steele, Lea, Flood, OOPSLA 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let value = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    fn damaged(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut bytes = packet.to_vec();
        let at = self.next() as usize % bytes.len();
        match self.next() % 5 {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << (self.next() % 8),
            2 => (0..4).for_each(|_| {
                let at = self.next() as usize % bytes.len();
                bytes[at] = self.next() as u8;
            }),
            3 => bytes = (0..at).map(|_| self.next() as u8).collect(),
            // Most damage is done where the numbers stand.
            _ => bytes[at.min(12)] = self.next() as u8,
        }
        bytes
    }
}
