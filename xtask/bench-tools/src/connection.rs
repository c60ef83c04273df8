//! One keep-alive connection: requests go out, whole answers come back in their order.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Socket, Type};

use crate::answers::{self, Answer, Progress};
use crate::requests::Requests;

/// Bytes that are read at a time: more than any answer has, so that one read takes what has
/// arrived.
const READ_BYTES: usize = 64 * 1024;

/// See the module.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    outgoing: Vec<u8>,
    arrived: Vec<u8>,
    /// When each request that is under way was to be sent.
    scheduled: VecDeque<Instant>,
    asked: u64,
}

/// An answer, and since when it was waited for.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// When its request was to be sent.
    pub scheduled: Instant,
}

impl Connection {
    /// Connects, from this address of the loopback network if one is given.
    pub fn open(to: SocketAddr, from: Option<Ipv4Addr>, at: (&Registry, Token)) -> Result<Self> {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
        if let Some(from) = from {
            socket.bind(&SocketAddr::from((from, 0)).into())?;
        }
        socket.connect(&to.into()).context("cannot connect")?;
        socket.set_tcp_nodelay(true)?;
        socket.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(socket.into());
        let (registry, token) = at;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self {
            stream,
            outgoing: Vec::with_capacity(4096),
            arrived: Vec::with_capacity(READ_BYTES),
            scheduled: VecDeque::new(),
            asked: 0,
        })
    }

    /// Requests sent so far.
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// Requests without an answer.
    pub fn under_way(&self) -> usize {
        self.scheduled.len()
    }

    /// Sends the next request, which was to be sent at `scheduled`.
    pub fn ask(&mut self, requests: &mut Requests, scheduled: Instant) -> Result<()> {
        requests.write_next(&mut self.outgoing);
        self.scheduled.push_back(scheduled);
        self.asked += 1;
        self.flush()
    }

    /// Sends what could not be sent before.
    pub fn flush(&mut self) -> Result<()> {
        while !self.outgoing.is_empty() {
            match self.stream.write(&self.outgoing) {
                Ok(written) => drop(self.outgoing.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("cannot send"),
            }
        }
        Ok(())
    }

    /// Takes what has arrived, and hands out each whole answer.
    pub fn read(&mut self, scratch: &mut [u8], mut each: impl FnMut(Answered)) -> Result<()> {
        loop {
            let taken = match self.stream.read(scratch) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(taken) => taken,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("cannot receive"),
            };
            if self.arrived.is_empty() {
                let used = self.hand_out(&scratch[..taken], &mut each)?;
                self.arrived.extend_from_slice(&scratch[used..taken]);
            } else {
                let mut all = std::mem::take(&mut self.arrived);
                all.extend_from_slice(&scratch[..taken]);
                let used = self.hand_out(&all, &mut each)?;
                all.drain(..used);
                self.arrived = all;
            }
            // A read that did not fill the space has taken all there was; what comes later wakes us
            // again.
            if taken < scratch.len() {
                return Ok(());
            }
        }
    }

    fn hand_out(&mut self, bytes: &[u8], each: &mut impl FnMut(Answered)) -> Result<usize> {
        let mut used = 0;
        while used < bytes.len() {
            match answers::first(&bytes[used..]) {
                Progress::Partial => break,
                Progress::Broken => bail!("an answer has no length"),
                Progress::Whole(answer) => {
                    let scheduled = self.scheduled.pop_front();
                    let scheduled = scheduled.context("an answer that nobody asked for")?;
                    each(Answered { answer, scheduled });
                    used += answer.length;
                }
            }
        }
        Ok(used)
    }

    /// Takes the connection out of the poll.
    pub fn leave(mut self, registry: &Registry) {
        // It is closed either way.
        drop(registry.deregister(&mut self.stream));
    }
}

/// Room for one read.
pub fn scratch() -> Vec<u8> {
    vec![0; READ_BYTES]
}
