//! A process that joins a cluster, as the commands of the program do: this test binary, run again.
//!
//! It says each step in a line on standard output and ends its use of the cluster when standard input ends.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use chrono::DateTime;
use registry_core::store::cluster::{Cluster, Role, Settings};
use registry_core::store::connect::{self, Limits};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

const SETTINGS: &str = "CARDINAL_STAND_IN";
const MARK: &str = "stand-in: ";

/// Whom the process runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    Ourselves,
    /// The account without rights; only root can become it.
    Nobody,
}

/// Every account this machine lets us test with.
pub fn accounts() -> Vec<As> {
    if is_root() { vec![As::Ourselves, As::Nobody] } else { vec![As::Ourselves] }
}

pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").expect("/proc is mounted").uid() == 0
}

const NOBODY: u32 = 65534;

/// A folder that the account may write to and that is open to the account Postgres runs as.
pub fn folder(account: As) -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("the test folder is writable");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))
        .expect("the folder is ours");
    if account == As::Nobody {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("root may give folders away");
    }
    folder
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    pub data: PathBuf,
    pub role: Role,
    pub command: String,
    pub binaries: Option<PathBuf>,
    pub closed_place: Option<PathBuf>,
}

impl Order {
    pub fn command(data: &Path) -> Self {
        let command = "import".to_owned();
        Self { data: data.to_owned(), role: Role::Command, command, binaries: None, closed_place: None }
    }

    pub fn serve(data: &Path) -> Self {
        Self { role: Role::Serve, command: "serve".to_owned(), ..Self::command(data) }
    }

    pub fn settings(self) -> Settings {
        let since = DateTime::from_timestamp(1_795_553_620, 0).expect("the moment exists");
        let mut settings = Settings::new(self.data, self.role, self.command, since);
        settings.binaries = self.binaries;
        settings.closed_place = self.closed_place.unwrap_or(settings.closed_place);
        settings
    }
}

/// A running stand-in; killed with this value, if it still runs.
pub struct StandIn {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl StandIn {
    pub fn start(account: As, order: Order) -> Self {
        let program = std::env::current_exe().expect("this program has a file");
        let mut command = Command::new(&program);
        command
            .args(["--exact", "cluster::stand_in::run", "--ignored", "--nocapture", "--test-threads=1"])
            .env(SETTINGS, serde_json::to_string(&order).expect("an order is JSON"))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        if account == As::Nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut child = command.spawn().expect("the target folder is open to every account");
        let output = BufReader::new(child.stdout.take().expect("the output is a pipe"));
        Self { child, output }
    }

    /// Starts one that is expected to join, and says as what: `owner 1`, with the number of all that ever joined.
    pub fn joined(account: As, order: Order) -> (Self, String) {
        let mut stand_in = Self::start(account, order);
        let said = stand_in.says();
        assert!(!said.starts_with("error"), "{said}");
        (stand_in, said)
    }

    /// The next thing it says; waits for it.
    pub fn says(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.output.read_line(&mut line).expect("the output is text");
            assert_ne!(read, 0, "the stand-in ended and said nothing");
            // The harness writes the test's name in front of the first line.
            if let Some((_, said)) = line.split_once(MARK) {
                return said.trim_end().to_owned();
            }
        }
    }

    /// Lets it end by itself and gives its last words.
    pub fn finish(mut self) -> String {
        drop(self.child.stdin.take());
        let said = self.says();
        self.wait();
        said
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, or its whole process group where the number is negative.
    pub fn signal(&self, signal: &str, whole_group: bool) {
        let pid = i64::from(self.pid());
        super::kill(signal, if whole_group { -pid } else { pid });
    }

    /// Waits until the process is gone.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "it is not a test but the other process of the tests here"]
fn run() {
    let Ok(order) = std::env::var(SETTINGS) else { return };
    let order: Order = serde_json::from_str(&order).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match runtime.block_on(join_and_wait(order)) {
        Ok(()) => println!("{MARK}stopped"),
        Err(error) => println!("{MARK}error {error}"),
    }
    runtime.shutdown_background();
}

async fn join_and_wait(order: Order) -> Result<(), Box<dyn std::error::Error>> {
    let cluster = Cluster::join(order.settings()).await?;
    let pool = connect::open(cluster.options(), &Limits::new("stand-in", 2)).await?;
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(1)").execute(&mut *tx).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS visits (pid integer)").execute(&mut *tx).await?;
    sqlx::query("INSERT INTO visits VALUES (pg_backend_pid())").execute(&mut *tx).await?;
    let visits: i64 = sqlx::query_scalar("SELECT count(*) FROM visits").fetch_one(&mut *tx).await?;
    tx.commit().await?;
    let role = if matches!(cluster, Cluster::Owner(_)) { "owner" } else { "guest" };
    cluster.announce("127.0.0.1:8080")?;
    println!("{MARK}{role} {visits}");
    let told_to_end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        _ = told_to_end => {}
        ended = cluster.ended() => return Err(ended.into()),
    }
    pool.close().await;
    Ok(cluster.stop().await?)
}
