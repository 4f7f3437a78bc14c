//! A child process that communicates in lines. The harness never waits for the process longer than its time
//! limit.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::descendants;
use super::failure::Failure;
use crate::harness::Stop;

/// The maximum number of bytes per line, unless more is [allowed](Process::allow_lines_of). All lanes of a
/// step, with 24 characters per number, take a tenth of this.
pub const MAX_LINE: usize = 1 << 20;
/// The maximum number of lines read ahead. A process that writes more must wait.
const AHEAD: usize = 4;
/// The number of bytes kept of the end of a process's standard error.
const LAST_WORDS: usize = 400;
/// The time that a process is given to exit by itself when it is done or has closed its output.
const GRACE: Duration = Duration::from_millis(1000);

/// The time limit for reading a dead process's standard error to its end. A descendant may hold it open.
const MOMENT: Duration = Duration::from_millis(100);
/// The interval of checks for a stop request while the harness waits for an answer.
const GLANCE: Duration = Duration::from_millis(50);

enum Event {
    Line(Vec<u8>),
    TooLong,
    End,
}

/// A child process. When this value is dropped, the child is killed with its descendants, and reaped.
#[derive(Debug)]
struct Family {
    child: Child,
    /// The mark by which the child's descendants are found.
    mark: String,
}

/// A child process.
#[derive(Debug)]
pub struct Process {
    family: Family,
    /// `None` once the process's input is closed.
    input: Option<Sender<Vec<u8>>>,
    output: Receiver<Event>,
    max_line: Arc<AtomicUsize>,
    last_words: Arc<Mutex<Vec<u8>>>,
    timeout: Duration,
    stop: Stop,
}

impl Process {
    /// Starts a command, given as program and arguments. Once `stop` is requested, answers are not waited
    /// for.
    ///
    /// # Errors
    /// Where the command, or a thread for its input and output, cannot be started.
    pub fn start(command: &[String], timeout: Duration, stop: Stop) -> std::io::Result<Process> {
        let (program, arguments) = command.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
        let mark = descendants::new_mark();
        let mut command = Command::new(program);
        command.args(arguments).env(descendants::VARIABLE, &mark).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A process group of its own, so that the processes it starts can be killed with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut family = Family { child: command.spawn()?, mark };

        // The threads end when the pipes close. They are not joined, since a descendant may hold the pipes
        // open.
        let (input, lines) = mpsc::channel::<Vec<u8>>();
        let mut stdin = family.child.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
        in_background(move || drop(lines.iter().try_for_each(|line| stdin.write_all(&line).and_then(|()| stdin.flush()))))?;
        let (events, output) = mpsc::sync_channel(AHEAD);
        let stdout = family.child.stdout.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
        let max_line = Arc::new(AtomicUsize::new(MAX_LINE));
        let most = Arc::clone(&max_line);
        in_background(move || read_lines(stdout, &events, &most))?;
        let last_words = Arc::new(Mutex::new(Vec::new()));
        let stderr = family.child.stderr.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
        let kept = Arc::clone(&last_words);
        in_background(move || keep_last_words(stderr, &kept))?;
        Ok(Process { family, input: Some(input), output, max_line, last_words, timeout, stop })
    }

    /// Sets the maximum number of bytes per line, from now on.
    pub fn allow_lines_of(&self, bytes: usize) {
        self.max_line.store(bytes, Ordering::Relaxed);
    }

    fn max_line(&self) -> usize {
        self.max_line.load(Ordering::Relaxed)
    }

    /// Writes a line. Does not wait for an answer. If the process has died, the next [`Process::hear`]
    /// reports it.
    pub fn tell(&self, line: Vec<u8>) {
        if let Some(input) = &self.input {
            let _ = input.send(line);
        }
    }

    /// Checks that the process has not written a line without a question.
    ///
    /// # Errors
    /// What the process did.
    pub fn must_be_silent(&mut self) -> Result<(), Failure> {
        match self.output.try_recv() {
            Err(TryRecvError::Empty) => Ok(()),
            Ok(Event::Line(line)) => Err(Failure::Unasked(excerpt(&line))),
            Ok(Event::TooLong) => Err(Failure::UnaskedTooLong(self.max_line())),
            Ok(Event::End) | Err(TryRecvError::Disconnected) => Err(self.died("without being asked anything")),
        }
    }

    /// The next line, which must come within the time limit. `what` names the expected line in reports.
    ///
    /// # Errors
    /// What happened instead.
    pub fn hear(&mut self, what: &str) -> Result<Vec<u8>, Failure> {
        let deadline = Instant::now() + self.timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            return match self.output.recv_timeout(left.min(GLANCE)) {
                Ok(Event::Line(line)) => Ok(line),
                Ok(Event::TooLong) => Err(Failure::TooLong { bytes: self.max_line(), what: what.to_string() }),
                Ok(Event::End) | Err(RecvTimeoutError::Disconnected) => Err(self.died(&format!("before {what}"))),
                Err(RecvTimeoutError::Timeout) if self.stop.is_requested() => Err(Failure::Interrupted(what.to_string())),
                Err(RecvTimeoutError::Timeout) if left > GLANCE => continue,
                Err(RecvTimeoutError::Timeout) => {
                    Err(Failure::Hangs { what: what.to_string(), timeout: self.timeout, last_words: self.last_words() })
                }
            };
        }
    }

    /// The failure of a process that has closed its output, with how the process ended.
    fn died(&mut self, when: &str) -> Failure {
        let how = match self.exit_status(Instant::now() + GRACE) {
            Some(status) => format!("died ({status})"),
            None => "closed its standard output".to_string(),
        };
        // Some of standard error may not be read yet. The thread that reads it holds the other reference
        // until it reaches the end.
        let deadline = Instant::now() + MOMENT;
        while Arc::strong_count(&self.last_words) > 1 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        Failure::Died { how, when: when.to_string(), last_words: self.last_words() }
    }

    /// The exit status, where the process exits before a deadline.
    fn exit_status(&mut self, deadline: Instant) -> Option<ExitStatus> {
        loop {
            match self.family.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
                _ => return None,
            }
        }
    }

    /// The last line that the process wrote to standard error, as a clause. Empty if the process wrote
    /// nothing there.
    fn last_words(&self) -> String {
        let kept = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        match lines.last() {
            Some(line) => format!("; its last words: {}", excerpt(line.as_bytes())),
            None => String::new(),
        }
    }

    /// Closes the process's input and gives the process time to exit by itself.
    pub fn finish(mut self) {
        self.input = None;
        self.exit_status(Instant::now() + GRACE);
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        #[cfg(unix)]
        let _ = rustix::process::kill_process_group(rustix::process::Pid::from_child(&self.child), rustix::process::Signal::KILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
        descendants::end(&self.mark);
    }
}

/// Starts a thread that is not joined.
fn in_background(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    thread::Builder::new().spawn(work).map(drop)
}

/// Reads standard error and keeps its end.
fn keep_last_words(mut stderr: ChildStderr, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stderr.read(&mut buffer) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&buffer[..count]);
        let excess = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..excess);
    }
}

/// Reads lines until the end of the output, until a line is too long, or until the receiver is dropped.
fn read_lines(stdout: ChildStdout, events: &SyncSender<Event>, most: &AtomicUsize) {
    let mut reader = BufReader::new(stdout);
    loop {
        let event = read_line(&mut reader, most);
        let last = !matches!(event, Event::Line(_));
        if events.send(event).is_err() || last {
            return;
        }
    }
}

/// Reads the next line. The limit is loaded each time bytes arrive: a raised limit must hold for the next
/// line, and the thread already waits for that line when the limit is raised.
fn read_line(reader: &mut impl BufRead, most: &AtomicUsize) -> Event {
    let mut line = Vec::new();
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer @ [_, ..]) => buffer,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Ok([]) | Err(_) => return Event::End,
        };
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let count = end.map_or(buffer.len(), |end| end + 1);
        line.extend_from_slice(&buffer[..count]);
        reader.consume(count);
        match end {
            _ if line.len() > most.load(Ordering::Relaxed) => return Event::TooLong,
            Some(_) => return Event::Line(line),
            None => {}
        }
    }
}

/// The beginning of a line, quoted, for reports.
pub fn excerpt(line: &[u8]) -> String {
    const SHOWN: usize = 120;
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
