//! What was measured, each beside its limit.

use std::path::Path;
use std::time::Duration;

/// What a figure must not exceed, or fall below.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    None,
    /// For the slowest but one in a hundred.
    Milliseconds(f64),
    Seconds(f64),
    Megabytes(f64),
    PerSecond(f64),
}

/// The lines so far.
pub(crate) struct Table {
    lines: Vec<String>,
    held: bool,
}

impl Table {
    pub(crate) fn new(versions: usize) -> Self {
        let head = format!(
            "{:<32} {:>12} {:>12} {:>14}  holds",
            format!("{versions} versions"),
            "p50",
            "p99",
            "limit"
        );
        Self { lines: vec![head], held: true }
    }

    /// Times of many requests.
    pub(crate) fn latency(&mut self, what: &str, times: &[Duration], limit: Limit) {
        let (half, most) = (milliseconds(percentile(times, 50)), milliseconds(percentile(times, 99)));
        self.line(what, &format!("{half:.2} ms"), &format!("{most:.2} ms"), most, limit);
    }

    /// Requests a second, and their times.
    pub(crate) fn rate(&mut self, what: &str, rate: f64, times: &[Duration], limit: Limit) {
        let most = milliseconds(percentile(times, 99));
        self.line(what, &format!("{rate:.0} /s"), &format!("{most:.2} ms"), rate, limit);
    }

    pub(crate) fn seconds(&mut self, what: &str, time: Duration, limit: Limit) {
        self.line(what, &format!("{:.1} s", time.as_secs_f64()), "", time.as_secs_f64(), limit);
    }

    pub(crate) fn megabytes(&mut self, what: &str, megabytes: u64, limit: Limit) {
        #[expect(clippy::cast_precision_loss, reason = "a number of megabytes")]
        self.line(what, &format!("{megabytes} MB"), "", megabytes as f64, limit);
    }

    /// Prints the lines; whether every limit holds.
    pub(crate) fn print(&self) -> bool {
        self.lines.iter().for_each(|line| println!("{line}"));
        println!();
        self.held
    }

    fn line(&mut self, what: &str, first: &str, second: &str, value: f64, limit: Limit) {
        let (text, holds) = match limit {
            Limit::None => (String::new(), None),
            Limit::Milliseconds(most) => (format!("{most} ms"), Some(value <= most)),
            Limit::Seconds(most) => (format!("{most} s"), Some(value <= most)),
            Limit::Megabytes(most) => (format!("{most} MB"), Some(value <= most)),
            Limit::PerSecond(least) => (format!("{least} /s"), Some(value >= least)),
        };
        self.held &= holds.unwrap_or(true);
        let holds = holds.map_or("", |holds| if holds { "yes" } else { "NO" });
        self.lines.push(format!("{what:<32} {first:>12} {second:>12} {text:>14}  {holds}"));
        eprintln!("{}", self.lines.last().map_or("", String::as_str));
    }
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted
        .get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The last number that a log says behind these words.
pub(crate) fn logged(log: &Path, words: &str) -> u64 {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let last = text.rsplit(words).next().filter(|rest| rest.len() < text.len());
    last.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).unwrap_or_default()
}

/// How large the files of a folder are, in megabytes.
pub(crate) fn folder(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum::<u64>() / 1_000_000
}

/// The memory of a process now and at its peak, in megabytes.
pub(crate) fn memory(process: u32) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() / 1_000
    };
    (of("VmRSS:"), of("VmHWM:"))
}
