//! A certificate authority that signs for whatever name a client asks for, and the listener that uses it.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A certificate authority of this process alone.
pub struct Authority {
    pem: String,
    mint: Arc<Mint>,
}

impl Authority {
    /// A new one, known to nobody.
    pub fn generate() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("a CA needs no name");
        params.distinguished_name.push(DnType::CommonName, "Cardinal, in this process");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let issuer = CertifiedIssuer::self_signed(params, new_key()).expect("a CA signs itself");
        let pem = issuer.pem();
        let mint = Mint { issuer, key: new_key(), minted: Mutex::default() };
        Self { pem, mint: Arc::new(mint) }
    }

    /// Its certificate, for those who shall believe it.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Settings of a server that answers under every name.
    pub fn server_config(&self) -> ServerConfig {
        let mut config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(self.mint.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("the crypto provider makes keys")
}

struct Mint {
    issuer: CertifiedIssuer<'static, KeyPair>,
    key: KeyPair,
    minted: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Mint {
    fn mint(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let params = CertificateParams::new(vec![name.to_owned()]).ok()?;
        let certificate = params.signed_by(&self.key, &self.issuer).ok()?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).ok()?;
        Some(Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key)))
    }
}

impl ResolvesServerCert for Mint {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?;
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = minted.get(name) {
            return Some(known.clone());
        }
        let made = self.mint(name)?;
        minted.insert(name.to_owned(), made.clone());
        Some(made)
    }
}

impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mint")
    }
}

/// Connections whose handshake is done.
pub struct SecureListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

/// Shakes hands with everybody at once; a client that does not believe the CA keeps nobody waiting.
pub fn listen(listener: TcpListener, config: ServerConfig) -> (SecureListener, JoinHandle<()>) {
    let address = listener.local_addr().expect("a bound listener has an address");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (send, ready) = mpsc::channel(64);
    let task = tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let (acceptor, send) = (acceptor.clone(), send.clone());
            tokio::spawn(async move {
                if let Ok(secure) = acceptor.accept(stream).await {
                    let _ = send.send((secure, peer)).await;
                }
            });
        }
    });
    (SecureListener { address, ready }, task)
}

impl axum::serve::Listener for SecureListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}
