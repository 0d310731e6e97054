//! A DNS server on 127.0.0.1 that knows TXT and SVCB records and IPv4 addresses.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// What a name has.
#[derive(Debug, Clone)]
enum Answer {
    /// Records, each of one or more pieces of at most 255 bytes.
    Texts(Vec<Vec<Vec<u8>>>),
    /// A service record, as its bytes.
    Service(Vec<u8>),
    /// IPv4 addresses, another one each time; the last of them from then on.
    Addresses(VecDeque<Ipv4Addr>),
    /// This response code.
    Code(u8),
    /// Nothing comes back.
    Silence,
}

#[derive(Default)]
struct Shared {
    names: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<String>>,
}

/// The server. It stops when this is dropped.
pub struct DnsServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    answering: JoinHandle<()>,
}

impl DnsServer {
    /// Starts on a free port; no name exists until it is told otherwise.
    pub async fn start() -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await.expect("127.0.0.1 has a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let shared = Arc::<Shared>::default();
        let answering = tokio::spawn(answer_all(socket, shared.clone()));
        Self { address, shared, answering }
    }

    /// Gives a name TXT records; with none, the name exists and has no TXT record.
    pub fn texts(&self, name: &str, texts: &[&str]) {
        let pieces = |text: &&str| text.as_bytes().chunks(255).map(<[u8]>::to_vec).collect();
        self.set(name, Answer::Texts(texts.iter().map(pieces).collect()));
    }

    /// Gives a name one TXT record of several pieces.
    pub fn pieces(&self, name: &str, pieces: &[&str]) {
        let pieces = pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect();
        self.set(name, Answer::Texts(vec![pieces]));
    }

    /// Gives a name an IPv4 address, and another one each time it is asked for again; the last of them stays.
    pub fn addresses(&self, name: &str, addresses: &[Ipv4Addr]) {
        self.set(name, Answer::Addresses(addresses.iter().copied().collect()));
    }

    /// Gives a name a service record (SVCB, RFC 9460) of priority 1, with this text under a key for private use.
    pub fn service(&self, name: &str, target: &str, text: &str) {
        let mut data = vec![0, 1];
        for label in target.split('.') {
            data.push(u8::try_from(label.len()).expect("a short label"));
            data.extend(label.bytes());
        }
        data.push(0);
        data.extend(65_400_u16.to_be_bytes());
        data.extend(u16::try_from(text.len()).expect("a short text").to_be_bytes());
        data.extend(text.bytes());
        self.set(name, Answer::Service(data));
    }

    /// Answers for a name with this response code: 2 is a failure, 5 a refusal.
    pub fn code(&self, name: &str, code: u8) {
        self.set(name, Answer::Code(code));
    }

    /// Never answers for a name.
    pub fn silent(&self, name: &str) {
        self.set(name, Answer::Silence);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every name asked for so far.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.shared.asked).clone()
    }

    fn set(&self, name: &str, answer: Answer) {
        lock(&self.shared.names).insert(name.to_ascii_lowercase(), answer);
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

async fn answer_all(socket: UdpSocket, shared: Arc<Shared>) {
    let mut buffer = [0; 1500];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let Some((name, question)) = question(&buffer[..length]) else { continue };
        lock(&shared.asked).push(name.clone());
        let mut answer = lock(&shared.names).get(&name).cloned().unwrap_or(Answer::Code(3));
        if let Answer::Addresses(left) = &mut answer {
            if question[question.len() - 4..] != [0, 1, 0, 1] {
                // It has no records of another kind.
                answer = Answer::Texts(Vec::new());
            } else if left.len() > 1
                && let Some(Answer::Addresses(left)) = lock(&shared.names).get_mut(&name)
            {
                left.pop_front();
            }
        }
        if let Some(response) = respond(&buffer[..2], question, &answer) {
            let _ = socket.send_to(&response, from).await;
        }
    }
}

/// The name asked for, lower-case, and the question as it stands in the message (RFC 1035 4.1.2).
fn question(message: &[u8]) -> Option<(String, &[u8])> {
    let mut at = 12;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_ascii_lowercase());
        at += length;
    }
    Some((labels.join("."), message.get(12..at + 4)?))
}

fn respond(id: &[u8], question: &[u8], answer: &Answer) -> Option<Vec<u8>> {
    if let Answer::Addresses(addresses) = answer {
        let mut message = id.to_vec();
        message.extend([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
        message.extend(question);
        // The name is the question's; A, IN, no time at all, four bytes.
        message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        message.extend(addresses.front()?.octets());
        return Some(message);
    }
    if let Answer::Service(data) = answer {
        let is_asked = question[question.len() - 4..] == [0, 64, 0, 1];
        let mut message = id.to_vec();
        message.extend([0x81, 0x80, 0, 1, 0, u8::from(is_asked), 0, 0, 0, 0]);
        message.extend(question);
        if is_asked {
            // The name is the question's; SVCB, IN, a minute.
            message.extend([0xc0, 12, 0, 64, 0, 1, 0, 0, 0, 60]);
            message.extend(u16::try_from(data.len()).expect("a short record").to_be_bytes());
            message.extend(data);
        }
        return Some(message);
    }
    let (code, texts) = match answer {
        Answer::Texts(texts) => (0, texts.as_slice()),
        Answer::Code(code) => (*code, &[][..]),
        Answer::Silence | Answer::Addresses(_) | Answer::Service(_) => return None,
    };
    let count = u16::try_from(texts.len()).expect("few records").to_be_bytes();
    let mut message = id.to_vec();
    // A response, recursion desired and available; one question, the answers, nothing more.
    message.extend([0x81, 0x80 | code, 0, 1, count[0], count[1], 0, 0, 0, 0]);
    message.extend(question);
    for pieces in texts {
        let length: usize = pieces.iter().map(|piece| piece.len() + 1).sum();
        // The name is the question's; TXT, IN, a minute.
        message.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        message.extend(u16::try_from(length).expect("a short record").to_be_bytes());
        for piece in pieces {
            message.push(u8::try_from(piece.len()).expect("a short piece"));
            message.extend(piece);
        }
    }
    Some(message)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
