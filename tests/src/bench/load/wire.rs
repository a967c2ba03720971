//! The load's own HTTP: bytes made beforehand go out on a connection that stays open, and of an
//! answer only the status and the length are read. Anything that cleverer clients do would be paid
//! for with the servers' processors.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection to one door.
#[derive(Debug)]
pub(in crate::bench) struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What is known of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    status: u16,
    body_at: usize,
    end: usize,
}

/// A POST or GET as it goes over the line.
pub(in crate::bench) fn request(
    method: &str,
    path: &str,
    token: &str,
    key: Option<&str>,
    body: &str,
) -> Vec<u8> {
    let key = key
        .map(|key| format!("idempotency-key: {key}\r\n"))
        .unwrap_or_default();
    let body_headers = match method {
        "POST" => format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        ),
        _ => String::new(),
    };
    format!(
        "{method} /api/v1{path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n{key}{body_headers}\r\n{body}"
    )
    .into_bytes()
}

impl Line {
    pub(in crate::bench) async fn open(door: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(door).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(4_096),
        })
    }

    /// Sends one request and reads its answer to the end.
    pub(in crate::bench) async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(head) = head(&self.buffer)?
                && self.buffer.len() >= head.end
            {
                return Ok((head.status, &self.buffer[head.body_at..head.end]));
            }
        }
    }
}

/// `None`: more is to come.
fn head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes[..end]).map_err(io::Error::other)?;
    let (first, headers) = text.split_once("\r\n").unwrap_or((text, ""));
    let status = first.get(9..12).and_then(|digits| digits.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("no status"))?;
    let length = headers.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.ok_or_else(|| io::Error::other("no content-length"))?;
    Ok(Some(Head {
        status,
        body_at: end + 4,
        end: end + 4 + length,
    }))
}

/// The `id` with which a JSON body begins.
pub(in crate::bench) fn leading_id(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (id, _) = text.strip_prefix("{\"id\":\"")?.split_once('"')?;
    Some(id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_all_of_it_is_there() {
        let whole = b"HTTP/1.1 201 Created\r\nlocation: /x\r\nContent-Length: 5\r\n\r\n{\"a\"}";
        let head_of = |count: usize| head(&whole[..count]).unwrap();
        assert_eq!(head_of(30), None);
        let found = head_of(whole.len()).unwrap();
        assert_eq!(
            (found.status, found.end, &whole[found.body_at..]),
            (201, whole.len(), &b"{\"a\"}"[..])
        );
        assert!(head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn the_id_of_what_was_made_is_found() {
        assert_eq!(
            leading_id(b"{\"id\":\"voucher_1\",\"b\":2}").as_deref(),
            Some("voucher_1")
        );
        assert_eq!(leading_id(b"{\"code\":\"batch_exhausted\"}"), None);
    }
}
