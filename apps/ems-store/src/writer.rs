//! One thread that writes one file, many waiting writes to a commit.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::database::Database;
use crate::error::StoreError;

/// Called on the writer's thread once a write is durable or has failed; it must not block.
pub type Done<T> = Box<dyn FnOnce(Result<T, StoreError>) + Send>;

/// Writes that may wait; the next writer is blocked until there is room.
const QUEUE_LEN_MAX: usize = 4096;
/// Writes that share one commit at most.
const GROUP_LEN_MAX: usize = 512;
/// Bytes that share one commit, unless a single write is larger.
const GROUP_BYTES_MAX: u64 = 4 << 20;
/// What must fit before a full store is called well again.
const BALLAST_BYTES: u64 = 64 << 10;

/// What a store's writer does with one kind of write.
pub(crate) trait Table: Send + 'static {
    /// What is asked.
    type Write: Send + 'static;
    /// What is answered once it is durable.
    type Written: Send + 'static;

    /// Writes within the open transaction.
    fn write(
        &mut self,
        connection: &Connection,
        write: &Self::Write,
    ) -> Result<Self::Written, WriteError>;

    /// About how much it writes.
    fn n_bytes(write: &Self::Write) -> u64;

    /// The transaction was rolled back: what was remembered of its rows is wrong.
    fn forget(&mut self);
}

/// Why one write of a group was not done.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// It was not in order and has changed nothing; the rest of the group goes on.
    Refused(StoreError),
    /// The file failed; so does the whole group.
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
    }
}

/// The handle of a writer thread. Dropping it writes what waits, then ends the thread.
pub(crate) struct Writer<T: Table> {
    jobs: Option<SyncSender<Job<T>>>,
    thread: Option<JoinHandle<()>>,
}

enum Job<T: Table> {
    Write(T::Write, Done<T::Written>),
    Probe(Done<()>),
    LimitPages(u32),
}

impl<T: Table> Writer<T> {
    pub(crate) fn start(database: Database, table: T) -> Self {
        let (jobs, queue) = sync_channel(QUEUE_LEN_MAX);
        let name = database.path.file_stem().map_or("store".into(), |s| s.to_string_lossy());
        let thread = std::thread::Builder::new().name(format!("write-{name}"));
        let thread = thread
            .spawn(move || Thread { database, table, queue }.run())
            .expect("a thread starts unless memory is out, which ends the process anyway");
        Self { jobs: Some(jobs), thread: Some(thread) }
    }

    /// Asks for a write.
    pub(crate) fn write(&self, write: T::Write, done: Done<T::Written>) {
        if let Err(Job::Write(_, done)) = self.send(Job::Write(write, done)) {
            done(Err(StoreError::Closed));
        }
    }

    /// Asks for a write and waits for it.
    pub(crate) fn write_and_wait(&self, write: T::Write) -> Result<T::Written, StoreError> {
        let (answer, wait) = std::sync::mpsc::channel();
        self.write(write, Box::new(move |result| drop(answer.send(result))));
        wait.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Asks whether [`BALLAST_BYTES`] more can be made durable.
    pub(crate) fn probe(&self, done: Done<()>) {
        if let Err(Job::Probe(done)) = self.send(Job::Probe(done)) {
            done(Err(StoreError::Closed));
        }
    }

    /// Lets the file grow to this many pages of 4096 bytes and no further.
    pub(crate) fn limit_pages(&self, n_pages_max: u32) {
        // A closed store needs no limit.
        let _ = self.send(Job::LimitPages(n_pages_max));
    }

    fn send(&self, job: Job<T>) -> Result<(), Job<T>> {
        match &self.jobs {
            Some(jobs) => jobs.send(job).map_err(|error| error.0),
            None => Err(job),
        }
    }
}

impl<T: Table> Drop for Writer<T> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed by then.
            let _ = thread.join();
        }
    }
}

impl<T: Table> fmt::Debug for Writer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

struct Thread<T: Table> {
    database: Database,
    table: T,
    queue: Receiver<Job<T>>,
}

type Group<T> = Vec<(<T as Table>::Write, Done<<T as Table>::Written>)>;

impl<T: Table> Thread<T> {
    fn run(mut self) {
        while let Ok(job) = self.queue.recv() {
            let mut next = Some(job);
            while let Some(job) = next.take() {
                match job {
                    Job::Write(write, done) => {
                        let (group, after) = self.gather(write, done);
                        self.commit(group);
                        next = after;
                    }
                    Job::Probe(done) => done(self.probe()),
                    Job::LimitPages(n_pages_max) => self.limit_pages(n_pages_max),
                }
            }
        }
    }

    /// Takes what waits already, up to the limits of a group or to something that is no write.
    fn gather(&self, write: T::Write, done: Done<T::Written>) -> (Group<T>, Option<Job<T>>) {
        let mut group_bytes = T::n_bytes(&write);
        let mut group = vec![(write, done)];
        while group.len() < GROUP_LEN_MAX && group_bytes < GROUP_BYTES_MAX {
            match self.queue.try_recv() {
                Ok(Job::Write(write, done)) => {
                    group_bytes += T::n_bytes(&write);
                    group.push((write, done));
                }
                Ok(other) => return (group, Some(other)),
                Err(_) => break,
            }
        }
        (group, None)
    }

    fn commit(&mut self, group: Group<T>) {
        let needed_bytes = group.iter().map(|(write, _)| T::n_bytes(write)).sum();
        match self.write(&group) {
            Ok(answers) => {
                assert_eq!(answers.len(), group.len(), "each write has its answer");
                for (answer, (_, done)) in answers.into_iter().zip(group) {
                    done(answer);
                }
            }
            Err(source) => {
                // Rolling back what SQLite has rolled back by itself is an error without meaning.
                let _ = self.database.connection.execute_batch("ROLLBACK");
                self.table.forget();
                let error = StoreError::from_sqlite(&self.database.path, source, needed_bytes);
                for (_, done) in group {
                    done(Err(error.clone()));
                }
            }
        }
    }

    fn write(&mut self, group: &Group<T>) -> rusqlite::Result<Vec<Result<T::Written, StoreError>>> {
        let connection = &self.database.connection;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut answers = Vec::with_capacity(group.len());
        for (write, _) in group {
            answers.push(match self.table.write(connection, write) {
                Ok(written) => Ok(written),
                Err(WriteError::Refused(error)) => Err(error),
                Err(WriteError::Failed(error)) => return Err(error),
            });
        }
        connection.execute_batch("COMMIT")?;
        Ok(answers)
    }

    fn probe(&self) -> Result<(), StoreError> {
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS ballast(body BLOB);
             INSERT INTO ballast VALUES(zeroblob({BALLAST_BYTES}));
             DELETE FROM ballast;"
        );
        let Database { connection, path, .. } = &self.database;
        let failed = |source| StoreError::from_sqlite(path, source, BALLAST_BYTES);
        connection.execute_batch(&sql).map_err(failed)
    }

    fn limit_pages(&self, n_pages_max: u32) {
        // Reads the limit back; a test that set it sees soon enough whether it holds.
        let _ = self.database.connection.pragma_update_and_check(
            None,
            "max_page_count",
            n_pages_max,
            |_| Ok(()),
        );
    }
}
