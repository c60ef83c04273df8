//! One HTTP/1.1 connection, byte by byte: for tests that count syncs, kill servers and send what no
//! library would.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::Value;

use crate::secrets;

/// How long one read may take before it counts as a hang.
const READ_LIMIT: Duration = Duration::from_mins(1);

/// A connection to a server. It is kept alive as long as the server keeps it.
#[derive(Debug)]
pub struct Connection {
    reader: BufReader<Stream>,
    /// The folder of the program that listens there.
    program: Option<PathBuf>,
}

/// What came back for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The version of HTTP, such as `HTTP/1.1`.
    pub version: String,
    /// The status.
    pub status: u16,
    /// The headers in their order, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Connection {
    /// Connects to `http://HOST:PORT` or `unix:PATH`, as `serve` prints it.
    pub fn open(base_url: &str) -> io::Result<Self> {
        let stream = if let Some(path) = base_url.strip_prefix("unix:") {
            Stream::Unix(UnixStream::connect(path)?)
        } else {
            let address = base_url.strip_prefix("http://").unwrap_or(base_url);
            Stream::Tcp(TcpStream::connect(address)?)
        };
        Ok(Self {
            program: secrets::folder_at(base_url),
            ..Self::over(stream)?
        })
    }

    /// A connection over a socket that is connected already.
    pub fn over_tcp(stream: TcpStream) -> io::Result<Self> {
        Self::over(Stream::Tcp(stream))
    }

    fn over(stream: Stream) -> io::Result<Self> {
        match &stream {
            Stream::Tcp(tcp) => {
                tcp.set_nodelay(true)?;
                tcp.set_read_timeout(Some(READ_LIMIT))?;
            }
            Stream::Unix(unix) => unix.set_read_timeout(Some(READ_LIMIT))?,
        }
        let reader = BufReader::new(stream);
        Ok(Self {
            reader,
            program: None,
        })
    }

    /// Sends a request and reads its answer.
    pub fn ask(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> io::Result<Reply> {
        self.send(&request(method, target, headers, body))?;
        let reply = self.reply_to(method)?;
        self.hold_secrets(headers, body, &reply);
        Ok(reply)
    }

    /// Puts what was sent and answered on the list of secrets.
    fn hold_secrets(&self, headers: &[(&str, &str)], body: Option<&Value>, reply: &Reply) {
        let Some(program) = &self.program else {
            return;
        };
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("authorization") {
                secrets::hold_credential(program, value);
            }
        }
        let answered = serde_json::from_slice(&reply.body).ok();
        for document in body.into_iter().chain(&answered) {
            secrets::hold_those_in(program, document);
        }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    /// Reads one answer. An interim one (`100 Continue`) is passed over.
    pub fn reply(&mut self) -> io::Result<Reply> {
        self.reply_to("GET")
    }

    fn reply_to(&mut self, method: &str) -> io::Result<Reply> {
        loop {
            let reply = self.read_reply(method)?;
            if reply.status >= 200 {
                return Ok(reply);
            }
        }
    }

    fn read_reply(&mut self, method: &str) -> io::Result<Reply> {
        let first = self.read_line()?;
        let mut words = first.splitn(3, ' ');
        let version = words.next().unwrap_or_default().to_owned();
        let status = words.next().and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| malformed(&first))?;
        let mut headers = Vec::new();
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| malformed(&line))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut reply = Reply {
            version,
            status,
            headers,
            body: Vec::new(),
        };
        if method != "HEAD" && !matches!(status, 100..=199 | 204 | 304) {
            self.read_body(&mut reply)?;
        }
        Ok(reply)
    }

    /// Reads a body with a length, or one that ends with the connection. No test asks for another
    /// kind.
    fn read_body(&mut self, reply: &mut Reply) -> io::Result<()> {
        if let Some(length) = reply.header("content-length") {
            let length = length.parse().map_err(|_| malformed(length))?;
            reply.body.resize(length, 0);
            return self.reader.read_exact(&mut reply.body);
        }
        self.reader.read_to_end(&mut reply.body).map(drop)
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        self.reader.read_until(b'\n', &mut bytes)?;
        match bytes.strip_suffix(b"\r\n") {
            Some(line) => Ok(String::from_utf8_lossy(line).into_owned()),
            None => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Everything that still comes until the server closes the connection. A reset is a way to
    /// close it too.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        if let Err(error) = self.reader.read_to_end(&mut rest) {
            assert_eq!(
                error.kind(),
                ErrorKind::ConnectionReset,
                "the server should have closed the connection"
            );
        }
        rest
    }

    /// Closes our side. The server can still send.
    pub fn close_writing(&self) -> io::Result<()> {
        match self.reader.get_ref() {
            Stream::Tcp(tcp) => tcp.shutdown(Shutdown::Write),
            Stream::Unix(unix) => unix.shutdown(Shutdown::Write),
        }
    }
}

impl Reply {
    /// A header; the first of several.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(held, _)| held == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Demands a status, and shows the answer when it has another.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The id in the body.
    #[track_caller]
    pub fn id(&self) -> i64 {
        self.json()["id"].as_i64().expect("an id")
    }

    /// The token in the body.
    #[track_caller]
    pub fn token(&self) -> String {
        self.json()["token"].as_str().expect("a token").to_owned()
    }
}

/// The bytes of a request. Its host is always the same, since nothing may depend on it.
pub fn request(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Vec<u8> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut lines = vec![
        format!("{method} {target} HTTP/1.1"),
        "host: counterfoil.test".to_owned(),
    ];
    lines.extend(
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    if !body.is_empty() {
        lines.push(format!("content-length: {}", body.len()));
    }
    format!("{}\r\n\r\n{body}", lines.join("\r\n")).into_bytes()
}

/// The value of the `Authorization` header for a login and password.
pub fn basic(login: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64.encode(format!("{login}:{password}").as_bytes())
    )
}

fn malformed(text: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("no part of HTTP: {text:?}"))
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(tcp) => tcp.read(buffer),
            Self::Unix(unix) => unix.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(tcp) => tcp.write(bytes),
            Self::Unix(unix) => unix.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(tcp) => tcp.flush(),
            Self::Unix(unix) => unix.flush(),
        }
    }
}
