//! The connections that are being answered: a limited number of them.
//!
//! When there are as many as there may be, a new connection takes the place of the oldest one, which is
//! closed, unless that one is so new that it is probably just being answered. So clients that are slow, by
//! mistake or on purpose, keep nobody else out.

use std::collections::VecDeque;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The number of connections answered at the same time; a browser opens six.
const MOST: usize = 64;
/// The time for which a connection keeps its place even if all places are taken.
const GRACE: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Connections {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    /// The oldest first.
    connections: VecDeque<Connection>,
}

struct Connection {
    id: u64,
    since: Instant,
    stream: TcpStream,
}

impl Connections {
    /// Takes a place for a connection, and returns its number. `None` if there is no place for it.
    ///
    /// # Errors
    /// If the system has no descriptor left.
    pub(super) fn enter(&self, stream: &TcpStream) -> io::Result<Option<u64>> {
        let stream = stream.try_clone()?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.connections.len() >= MOST {
            let is_new = |oldest: &Connection| oldest.since.elapsed() < GRACE;
            match open.connections.front() {
                Some(oldest) if is_new(oldest) => return Ok(None),
                // The thread that answers it finds the connection closed, and ends.
                Some(oldest) => drop(oldest.stream.shutdown(Shutdown::Both)),
                None => {}
            }
            open.connections.pop_front();
        }
        let id = open.next;
        open.next += 1;
        open.connections.push_back(Connection { id, since: Instant::now(), stream });
        Ok(Some(id))
    }

    /// Gives the place of a connection back.
    pub(super) fn leave(&self, id: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.connections.retain(|connection| connection.id != id);
    }
}
