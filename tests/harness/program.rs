//! The program itself, as an operator runs it: a process with a data directory of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

use registry_core::wire::servers::ServerList;

/// Where the tests' program is.
const PROGRAM: &str = env!("CARGO_BIN_EXE_cardinal");

/// `cardinal`, with none of this process's settings.
pub fn cardinal() -> Command {
    let mut command = Command::new(PROGRAM);
    command.stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MCP_REGISTRY_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a command that ends by itself has said.
pub struct Said {
    /// Its exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Said {
    cardinal().args(arguments).output().expect("the program starts").into()
}

/// A data directory, where Postgres' own account may look in too.
pub fn data_dir() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder =
        tempfile::Builder::new().prefix("cardinal").tempdir().expect("the temporary directory is writable");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    folder
}

/// A running `cardinal serve`. It is killed when this is dropped.
pub struct Serving {
    child: Child,
    /// Where it answers.
    pub url: String,
    _stdout: BufReader<ChildStdout>,
}

impl Serving {
    /// Starts on a free port and waits until it is ready.
    pub fn start(data: &Path, arguments: &[&str]) -> Self {
        Self::start_with(data, arguments, &[])
    }

    /// The same with variables in its environment.
    pub fn start_with(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let log =
            std::fs::File::options().create(true).append(true).open(data.join("serve.log")).expect("a log");
        let mut child = cardinal()
            .args(["serve", "--address", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .args(arguments)
            // What tests list runs nowhere; who wants it probed says so, and where it is.
            .env("MCP_REGISTRY_CRAWLER_PROBE", "false")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it speaks");
        let url = line.trim().rsplit(' ').next().filter(|url| url.starts_with("http://"));
        let Some(url) = url else {
            let log = std::fs::read_to_string(data.join("serve.log")).unwrap_or_default();
            panic!("it did not get ready: {line:?}\n{log}")
        };
        Self { url: url.replace("localhost", "127.0.0.1"), child, _stdout: stdout }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ended");
    }

    /// Ends it as an operator does.
    pub fn terminate(mut self) -> ExitStatus {
        signal("-TERM", self.id());
        self.child.wait().expect("it ended")
    }

    /// A path's answer.
    pub async fn get(&self, path: &str) -> String {
        let answer = client().get(format!("{}{path}", self.url)).send().await.expect("it answers");
        answer.text().await.expect("a body")
    }

    /// `name:version` of everything that is listed, page by page.
    pub async fn listed(&self) -> Vec<String> {
        let mut listed = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/v0/servers?limit=100&include_deleted=true{cursor}")).await;
            let page: ServerList = serde_json::from_str(&page).expect("a list");
            listed.extend(page.servers.iter().map(|s| format!("{}:{}", s.server.name, s.server.version)));
            match page.metadata.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return listed,
            }
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process this test has started.
pub fn signal(signal: &str, pid: u32) {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status().expect("kill is there");
    assert!(sent.success(), "the process is gone already");
}

/// A plain HTTP client.
#[expect(clippy::disallowed_methods, reason = "it talks to the program on 127.0.0.1")]
pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// The real documents beside the repository; none, and one line that says so, where they are missing.
pub fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("CARDINAL_SHARED").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no real documents at `{}`", folder.display());
    None
}
