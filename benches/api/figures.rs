//! What was measured, and one line for each at the end.

use std::cell::Cell;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};

/// The figures, in the order in which they were measured; the first is what the others are held against.
#[derive(Default)]
pub(crate) struct Figures(Vec<(&'static str, Duration)>);

impl Figures {
    /// Measures something short, as often as criterion asks.
    pub(crate) fn measure(&mut self, criterion: &mut Criterion, what: &'static str, mut run: impl FnMut()) {
        let (time, times) = (Cell::new(Duration::ZERO), Cell::new(0));
        criterion.bench_function(what, |bencher| {
            bencher.iter_custom(|iterations| clocked(iterations, &mut run, &time, &times));
        });
        self.keep(what, time.get(), times.get());
    }

    /// Measures something that takes seconds, ten times.
    pub(crate) fn measure_few(
        &mut self,
        criterion: &mut Criterion,
        what: &'static str,
        mut run: impl FnMut(),
    ) {
        let (time, times) = (Cell::new(Duration::ZERO), Cell::new(0));
        let mut group = criterion.benchmark_group("whole");
        group.sample_size(10).sampling_mode(SamplingMode::Flat);
        group.bench_function(what, |bencher| {
            bencher.iter_custom(|iterations| clocked(iterations, &mut run, &time, &times));
        });
        group.finish();
        self.keep(what, time.get(), times.get());
    }

    /// Nothing was measured where the command line chose others.
    fn keep(&mut self, what: &'static str, time: Duration, times: u32) {
        if times > 0 {
            self.0.push((what, time / times));
        }
    }

    /// Prints a line for each; whether the walk took longer than it may.
    pub(crate) fn print(&self, pages: usize, limit: Duration) -> bool {
        let ping = self.0.iter().find(|(what, _)| *what == "ping").map(|(_, time)| time.as_secs_f64());
        println!("\n{:<28} {:>12} {:>12} {:>10}", "what", "time", "per second", "× ping");
        for (what, time) in &self.0 {
            let seconds = time.as_secs_f64();
            let ratio = ping.map_or_else(|| "-".to_owned(), |ping| format!("{:.1}", seconds / ping));
            let what = if *what == "walk" { format!("walk of {pages} pages") } else { (*what).to_owned() };
            println!("{what:<28} {:>12} {:>12.1} {ratio:>10}", format!("{time:.2?}"), 1.0 / seconds);
        }
        self.0.iter().any(|(what, time)| *what == "walk" && *time > limit)
    }
}

/// Runs it so many times; the sum of all runs is kept for the figure.
fn clocked(iterations: u64, run: &mut impl FnMut(), time: &Cell<Duration>, times: &Cell<u32>) -> Duration {
    let begun = Instant::now();
    (0..iterations).for_each(|_| run());
    let took = begun.elapsed();
    time.set(time.get() + took);
    times.set(times.get() + u32::try_from(iterations).unwrap_or(u32::MAX));
    took
}
