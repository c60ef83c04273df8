//! A network of the test's own making between a program and its database: a proxy for TCP that
//! passes everything on until it is told to be slow, silent or gone, or to lose exactly one
//! message.
//!
//! It listens on a free port of loopback and works on a thread of its own. Everything ends with
//! this value.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// What is read at once at most.
const PIECE: usize = 16 * 1024;

/// How a proxy treats what it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// Everything is passed on.
    #[default]
    Pass,
    /// Connections are reset, and new ones as soon as they are made.
    Cut,
    /// Connections stay and new ones are accepted, but nothing passes, no end of a connection
    /// either. What waits goes on its way when the manner changes.
    Silent,
    /// Each piece, in each direction, is held this long.
    Delay(Duration),
    /// Single bytes, with this time between them.
    Drip(Duration),
}

/// One message that is lost, and the connection that carries it with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The next piece from the client that has these bytes never arrives.
    Request(Vec<u8>),
    /// The next piece from the client that has these bytes arrives, and what the server answers
    /// does not.
    Answer(Vec<u8>),
    /// The connection is reset that carries the last of so many bytes, counted over all connections
    /// and both directions.
    After(u64),
}

/// A proxy in front of one address.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Taken by the drop.
    runtime: Option<Runtime>,
}

struct Shared {
    target: Mutex<SocketAddr>,
    manner: watch::Sender<Manner>,
    /// How often all connections were reset.
    cuts: watch::Sender<u64>,
    /// Connections with a smaller number are silent for good.
    forsaken: watch::Sender<u64>,
    loss: Mutex<Option<Loss>>,
    lost: AtomicU64,
    open: AtomicUsize,
    accepted: AtomicU64,
}

/// Why a connection is not carried any longer.
struct Broken;

impl Proxy {
    /// A proxy in front of this address, which passes everything on.
    pub fn to(target: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("proxy")
            .enable_all()
            .build()
            .expect("a test can start a thread");
        let listener =
            StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        listener
            .set_nonblocking(true)
            .expect("a listener can be made to wait for nothing");
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            manner: watch::Sender::new(Manner::Pass),
            cuts: watch::Sender::new(0),
            forsaken: watch::Sender::new(0),
            loss: Mutex::new(None),
            lost: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            accepted: AtomicU64::new(0),
        });
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener).expect("the listener waits for nothing")
        };
        runtime.spawn(accept(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            runtime: Some(runtime),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Treats everything like this from now on.
    pub fn set(&self, manner: Manner) {
        self.shared.manner.send_replace(manner);
        if manner == Manner::Cut {
            self.reset_connections();
        }
    }

    /// How everything is treated now.
    pub fn manner(&self) -> Manner {
        *self.shared.manner.borrow()
    }

    /// Passes nothing on any more over the connections that are open, neither bytes nor an end,
    /// whatever the manner; as if the machine at the other end were gone. New ones are treated as
    /// before.
    pub fn forsake_connections(&self) {
        self.shared.forsaken.send_replace(self.accepted());
    }

    /// Sends new connections elsewhere. Those that are open stay where they are.
    pub fn point_to(&self, target: SocketAddr) {
        *self.shared.target.lock() = target;
    }

    /// Resets every connection that is open.
    pub fn reset_connections(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Loses one message. What was to be lost before and has not come is forgotten.
    pub fn lose(&self, loss: Loss) {
        *self.shared.loss.lock() = Some(loss);
    }

    /// How many messages were lost.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::SeqCst)
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// How many connections were ever accepted.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // A client that gave up before it was accepted is nobody's failure.
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            shared.open.fetch_add(1, Ordering::SeqCst);
            shared.serve(number, client).await;
            shared.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

impl Shared {
    /// Carries one connection until either side ends it or it is reset.
    async fn serve(&self, number: u64, mut client: TcpStream) {
        let mut cuts = self.cuts.subscribe();
        let mut forsaken = self.forsaken.subscribe();
        let mut server = None;
        let ended = tokio::select! {
            biased;
            _ = cuts.changed() => Err(Broken),
            _ = forsaken.wait_for(|first| number < *first) => Err(Broken),
            ended = self.connect_and_carry(&mut client, &mut server) => ended,
        };
        if ended.is_err() && number < *self.forsaken.borrow() {
            // Kept open, and left alone.
            drop(cuts.changed().await);
        }
        if ended.is_err() {
            // Closed like this, a connection is reset.
            for stream in [Some(client), server].into_iter().flatten() {
                drop(stream.set_zero_linger());
            }
        }
    }

    async fn connect_and_carry(
        &self,
        client: &mut TcpStream,
        server: &mut Option<TcpStream>,
    ) -> Result<(), Broken> {
        self.hold().await?;
        let target = *self.target.lock();
        let made = TcpStream::connect(target).await.map_err(|_| Broken)?;
        let server = server.insert(made);
        for stream in [&*client, &*server] {
            stream.set_nodelay(true).map_err(|_| Broken)?;
        }
        let answer_is_lost = AtomicBool::new(false);
        let (client_reads, client_writes) = client.split();
        let (server_reads, server_writes) = server.split();
        let request_passes = |piece: &[u8]| match self.next_loss(piece) {
            None => true,
            Some(Loss::Answer(_)) => {
                answer_is_lost.store(true, Ordering::SeqCst);
                true
            }
            Some(Loss::Request(_) | Loss::After(_)) => false,
        };
        let answer_passes = |piece: &[u8]| {
            !answer_is_lost.load(Ordering::SeqCst) && !self.is_past_the_last_byte(piece)
        };
        tokio::try_join!(
            self.carry(client_reads, server_writes, request_passes),
            self.carry(server_reads, client_writes, answer_passes),
        )?;
        Ok(())
    }

    /// Carries one direction of a connection, until it ends or a piece does not pass.
    async fn carry(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
        passes: impl Fn(&[u8]) -> bool,
    ) -> Result<(), Broken> {
        let mut buffer = vec![0; PIECE];
        loop {
            let size = from.read(&mut buffer).await.map_err(|_| Broken)?;
            let piece = &buffer[..size];
            self.hold().await?;
            if !passes(piece) {
                return Err(Broken);
            }
            if !self.forward(piece, &mut to).await? {
                return Ok(());
            }
        }
    }

    /// Passes a piece on, or the end of the stream, which is an empty one. Tells whether more may
    /// come.
    async fn forward(&self, piece: &[u8], to: &mut WriteHalf<'_>) -> Result<bool, Broken> {
        if piece.is_empty() {
            to.shutdown().await.map_err(|_| Broken)?;
            return Ok(false);
        }
        let mut rest = piece;
        while !rest.is_empty() {
            let size = match *self.manner.borrow() {
                Manner::Drip(_) => 1,
                _ => rest.len(),
            };
            to.write_all(&rest[..size]).await.map_err(|_| Broken)?;
            rest = &rest[size..];
            if !rest.is_empty() {
                self.hold().await?;
            }
        }
        Ok(true)
    }

    /// Waits as long as the manner says that a piece waits, and no longer when the manner changes.
    async fn hold(&self) -> Result<(), Broken> {
        let mut manners = self.manner.subscribe();
        let begun = Instant::now();
        loop {
            let manner = *manners.borrow_and_update();
            let changed = match manner {
                Manner::Pass => return Ok(()),
                Manner::Cut => return Err(Broken),
                Manner::Silent => manners.changed().await,
                Manner::Delay(time) | Manner::Drip(time) => tokio::select! {
                    () = sleep_until(begun + time) => return Ok(()),
                    changed = manners.changed() => changed,
                },
            };
            changed.map_err(|_| Broken)?;
        }
    }

    /// The loss that this piece of a request meets, which it is the only one to meet.
    fn next_loss(&self, piece: &[u8]) -> Option<Loss> {
        if self.is_past_the_last_byte(piece) {
            return Some(Loss::After(0));
        }
        let mut loss = self.loss.lock();
        match &*loss {
            Some(Loss::Request(bytes) | Loss::Answer(bytes))
                if piece.windows(bytes.len()).any(|window| window == bytes) =>
            {
                self.lost.fetch_add(1, Ordering::SeqCst);
                loss.take()
            }
            _ => None,
        }
    }

    fn is_past_the_last_byte(&self, piece: &[u8]) -> bool {
        let mut loss = self.loss.lock();
        let Some(Loss::After(left)) = &mut *loss else {
            return false;
        };
        *left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        let past = *left == 0;
        if past {
            *loss = None;
            self.lost.fetch_add(1, Ordering::SeqCst);
        }
        past
    }
}
