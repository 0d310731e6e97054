//! A browser that a test drives: headless Chromium through its WebDriver (W3C), talking to 127.0.0.1 only.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::Engine;
use serde_json::{Value, json};

/// The key under which WebDriver names an element (W3C WebDriver 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A window of a browser. It closes when this is dropped.
pub struct Browser {
    driver: Child,
    session: String,
    http: reqwest::Client,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens a window; none where no browser is installed, which is said loudly.
    pub async fn open(width: u32, height: u32) -> Option<Self> {
        let (Some(browser), Some(driver)) =
            (find(&["chromium", "chromium-browser", "google-chrome"]), find(&["chromedriver"]))
        else {
            eprintln!(
                "SKIPPED: no browser is installed, so nothing that a person sees was tested; `make test` installs chromium and chromium-driver"
            );
            return None;
        };
        let profile = tempfile::tempdir().expect("the temporary directory is writable");
        let (driver, port) = start(&driver);
        let http = client();
        let options = json!({ "binary": browser, "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
            "--disable-component-update", "--no-first-run", "--hide-scrollbars", "--disable-dev-shm-usage",
            format!("--user-data-dir={}", profile.path().display()), format!("--window-size={width},{height}"),
        ]});
        let capabilities = json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } } });
        let base = format!("http://127.0.0.1:{port}/session");
        let made = post(&http, &base, &capabilities).await;
        let session = format!("{base}/{}", made["sessionId"].as_str().expect("a session"));
        let browser = Self { driver, session, http, _profile: profile };
        // Exact for what the page sees, whatever the window's frame takes.
        let metrics = json!({ "cmd": "Emulation.setDeviceMetricsOverride",
            "params": { "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false } });
        browser.command("goog/cdp/execute", &metrics).await;
        Some(browser)
    }

    /// Goes to a page and waits until it is there.
    pub async fn go(&self, url: &str) {
        self.command("url", &json!({ "url": url })).await;
    }

    /// Types into the first element of a selector.
    pub async fn type_into(&self, selector: &str, text: &str) {
        let found = self.command("element", &json!({ "using": "css selector", "value": selector })).await;
        let id = found[ELEMENT].as_str().expect("an element");
        self.command(&format!("element/{id}/value"), &json!({ "text": text })).await;
    }

    /// What a script returns.
    pub async fn run(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({ "script": script, "args": [] })).await
    }

    /// Waits until a script returns true.
    pub async fn until(&self, script: &str) {
        let waiting = async {
            while self.run(script).await != json!(true) {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await;
        assert!(waited.is_ok(), "this did not come true: {script}");
    }

    /// Writes a picture of the window.
    pub async fn picture(&self, path: &Path) {
        let answer: Value = json_of(self.http.get(format!("{}/screenshot", self.session))).await;
        let encoded = answer.as_str().expect("a picture");
        std::fs::write(path, base64::engine::general_purpose::STANDARD.decode(encoded).expect("base64"))
            .expect("the picture can be written");
    }

    async fn command(&self, command: &str, body: &Value) -> Value {
        post(&self.http, &format!("{}/{command}", self.session), body).await
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let session = self.session.clone();
        // The browser is the driver's child; only its session's end takes it along. A thread, since the test's runtime waits here.
        let ending = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let _ = runtime.map(|runtime| runtime.block_on(client().delete(session).send()));
        });
        let _ = ending.join();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn find(names: &[&str]) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let mut places =
        std::env::split_paths(&folders).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    places.find(|place| place.is_file())
}

/// Starts the driver on a port it chooses itself, which it prints.
fn start(driver: &Path) -> (Child, u16) {
    let mut child = Command::new(driver)
        .args(["--port=0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the driver starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse().ok());
    // Keeps reading, or the driver stops at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (child, port.expect("the driver says its port"))
}

#[expect(clippy::disallowed_methods, reason = "it talks to the driver on 127.0.0.1")]
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn post(http: &reqwest::Client, url: &str, body: &Value) -> Value {
    json_of(http.post(url).json(body)).await
}

async fn json_of(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.expect("the driver answers");
    let ok = answer.status().is_success();
    let mut answer: Value = answer.json().await.expect("the driver speaks JSON");
    assert!(ok, "{answer}");
    answer["value"].take()
}
