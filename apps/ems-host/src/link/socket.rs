//! Where a link begins: a UDP socket that is bound to an address or an interface.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::str::FromStr;

use socket2::{Domain, Protocol, Socket, Type};

/// A link of an ambulance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSpec {
    /// What people call it: `5g-a`, `satellite`.
    pub name: String,
    /// Where it begins.
    pub from: LinkFrom,
}

/// Where a link begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkFrom {
    /// At an address of this machine.
    Address(IpAddr),
    /// At a network interface; needs the right to (`CAP_NET_RAW` where it was bound before).
    Interface(String),
}

/// A link that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not NAME=ADDRESS or NAME=INTERFACE: give 5g-a=10.64.0.2 or 5g-a=wwan0")]
pub struct BadLink {
    text: String,
}

impl FromStr for LinkSpec {
    type Err = BadLink;

    fn from_str(text: &str) -> Result<Self, BadLink> {
        let bad = || BadLink { text: text.to_owned() };
        let (name, from) = text.split_once('=').ok_or_else(bad)?;
        let is_name = |it: &str, len| (1..=len).contains(&it.len()) && it.is_ascii();
        if !is_name(name, 24) || from.is_empty() {
            return Err(bad());
        }
        let from = match from.parse() {
            Ok(address) => LinkFrom::Address(address),
            // Linux has names of at most 15 bytes.
            Err(_) if is_name(from, 15) && !from.contains(['/', ':']) => {
                LinkFrom::Interface(from.to_owned())
            }
            Err(_) => return Err(bad()),
        };
        Ok(Self { name: name.to_owned(), from })
    }
}

impl fmt::Display for LinkFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Interface(name) => f.write_str(name),
        }
    }
}

impl LinkFrom {
    /// Whether an address is of the kind that can be reached from here.
    pub(super) fn reaches(&self, to: &SocketAddr) -> bool {
        match self {
            Self::Address(address) => address.is_ipv4() == to.is_ipv4(),
            Self::Interface(_) => true,
        }
    }

    /// A socket that sends to `to` from here, each packet with a DSCP.
    pub(super) fn bind(&self, to: SocketAddr, dscp: u8) -> io::Result<UdpSocket> {
        let address = match self {
            Self::Address(address) => *address,
            Self::Interface(_) if to.is_ipv4() => Ipv4Addr::UNSPECIFIED.into(),
            Self::Interface(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let address = SocketAddr::new(address, 0);
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if let Self::Interface(name) = self {
            socket.bind_device(Some(name.as_bytes()))?;
        }
        // The mark is the upper six bits (RFC 2474, section 3).
        let class = u32::from(dscp) << 2;
        if address.is_ipv4() {
            socket.set_tos_v4(class)?;
        } else {
            socket.set_tclass_v6(class)?;
        }
        socket.bind(&address.into())?;
        Ok(socket.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_a_name_and_an_address_or_an_interface() {
        for (text, from) in [
            ("5g-a=10.64.0.2", Some(LinkFrom::Address("10.64.0.2".parse().unwrap()))),
            ("sat=fd00::7", Some(LinkFrom::Address("fd00::7".parse().unwrap()))),
            ("5g-b=wwan0", Some(LinkFrom::Interface("wwan0".into()))),
            ("wwan0", None),
            ("=wwan0", None),
            ("5g-a=", None),
            ("5g-a=10.64.0.2:99", None),
            ("5g-a=an-interface-of-20-b", None),
        ] {
            let spec = text.parse::<LinkSpec>();
            assert_eq!(spec.ok().map(|spec| spec.from), from, "{text}");
        }
    }

    #[test]
    fn a_link_s_socket_marks_what_it_sends() {
        for to in ["127.0.0.1:7500", "[::1]:7500"] {
            let to: SocketAddr = to.parse().unwrap();
            let from = LinkFrom::Address(to.ip());
            // A machine may have no IPv6.
            let Ok(socket) = from.bind(to, 18) else {
                assert!(to.is_ipv6(), "IPv4 is always there");
                continue;
            };
            let socket = Socket::from(socket);
            let class = if to.is_ipv4() { socket.tos_v4() } else { socket.tclass_v6() };
            assert_eq!(class.unwrap(), 18 << 2, "{to}");
        }
    }
}
