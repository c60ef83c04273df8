//! Where the time of a run goes: the seconds of each stage, and of each module on each engine.

use std::time::{Duration, Instant};

use crate::say;
use crate::tally::{Outcome, Test};

/// The binary of the integration tests, whose modules are told one by one.
const INTEGRATION: &str = "all";

/// What took how long.
#[derive(Default)]
pub(crate) struct Times {
    stages: Vec<(String, Duration)>,
    /// What ran while stages did.
    beside: Vec<(String, Duration)>,
    modules: Vec<Module>,
}

/// The tests of a module on an engine.
struct Module {
    engine: &'static str,
    name: String,
    tests: u64,
    /// The sum over its tests, which run side by side: more than has passed meanwhile.
    seconds: f64,
    slowest: Option<(String, f64)>,
}

impl Times {
    /// Carries out a stage under its heading and keeps how long it took.
    pub(crate) fn stage<T>(&mut self, name: &str, run: impl FnOnce() -> T) -> T {
        say::step(name);
        let begun = Instant::now();
        let result = run();
        self.stages.push((name.to_owned(), begun.elapsed()));
        result
    }

    /// Adds a stage that was timed elsewhere.
    pub(crate) fn add_stage(&mut self, name: &str, time: Duration) {
        self.stages.push((name.to_owned(), time));
    }

    /// Adds what ran while another stage did, whose time is no part of the sum.
    pub(crate) fn add_beside(&mut self, name: &str, time: Duration) {
        self.beside
            .push((format!("{name}, beside the tests"), time));
    }

    /// Adds the tests of a run on an engine.
    pub(crate) fn add(&mut self, engine: &'static str, outcome: &Outcome) {
        for test in &outcome.tests {
            let name = module_of(test);
            let known = self
                .modules
                .iter_mut()
                .position(|module| module.engine == engine && module.name == name);
            let place = known.unwrap_or_else(|| {
                self.modules.push(Module::new(engine, name));
                self.modules.len() - 1
            });
            self.modules[place].add(test);
        }
    }

    /// The tables that close a run: modules in the order of the engines, those that take longest
    /// first.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{:<28} {:<24} {:>6} {:>9}  slowest test",
            "engine", "module", "tests", "seconds"
        )];
        for engine in self.engines() {
            let mut modules: Vec<_> = self.modules_on(engine).collect();
            modules.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
            lines.extend(modules.into_iter().map(Module::line));
        }
        lines.push(String::new());
        lines.push(format!("{:<40} {:>9}", "stage", "seconds"));
        for (name, time) in self.stages.iter().chain(&self.beside) {
            lines.push(format!("{name:<40} {:>9.1}", time.as_secs_f64()));
        }
        let all: Duration = self.stages.iter().map(|(_, time)| *time).sum();
        lines.push(format!("{:<40} {:>9.1}", "all", all.as_secs_f64()));
        lines
    }

    fn engines(&self) -> Vec<&'static str> {
        let mut engines: Vec<_> = self.modules.iter().map(|module| module.engine).collect();
        engines.dedup();
        engines
    }

    fn modules_on(&self, engine: &str) -> impl Iterator<Item = &Module> {
        self.modules
            .iter()
            .filter(move |module| module.engine == engine)
    }
}

impl Module {
    fn new(engine: &'static str, name: String) -> Self {
        Self {
            engine,
            name,
            tests: 0,
            seconds: 0.0,
            slowest: None,
        }
    }

    fn add(&mut self, test: &Test) {
        self.tests += 1;
        // Examples in docs are not timed.
        let Some(seconds) = test.seconds else { return };
        self.seconds += seconds;
        if self
            .slowest
            .as_ref()
            .is_none_or(|(_, most)| seconds > *most)
        {
            self.slowest = Some((test.name.clone(), seconds));
        }
    }

    fn line(&self) -> String {
        let Self {
            engine,
            name,
            tests,
            seconds,
            ..
        } = self;
        let start = format!("{engine:<28} {name:<24} {tests:>6}");
        match &self.slowest {
            Some((test, most)) => format!("{start} {seconds:>9.1}  {most:.1} {test}"),
            None => format!("{start} {:>9}  -", "-"),
        }
    }
}

/// The module that a test counts for: the first part of its name among the integration tests, the
/// binary elsewhere.
fn module_of(test: &Test) -> String {
    match test.name.split_once("::") {
        Some((module, _)) if test.binary == INTEGRATION => module.to_owned(),
        _ => test.binary.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Count;

    fn test(binary: &str, name: &str, seconds: Option<f64>) -> Test {
        Test {
            binary: binary.to_owned(),
            name: name.to_owned(),
            seconds,
        }
    }

    fn outcome(tests: Vec<Test>) -> Outcome {
        Outcome {
            count: Count::default(),
            failures: Vec::new(),
            tests,
            succeeded: true,
        }
    }

    #[test]
    fn the_seconds_of_each_module_are_summed_on_each_engine_and_the_slowest_test_is_named() {
        let mut times = Times::default();
        times.add(
            "SQLite",
            &outcome(vec![
                test("all", "rest::root::a", Some(0.25)),
                test("all", "rest::users::b", Some(1.5)),
                test("all", "nodes::c", Some(7.0)),
                test("counterfoil_domain", "scope::tests::d", Some(0.5)),
                test("Doc-tests counterfoil_domain", "src/lib.rs (line 3)", None),
            ]),
        );
        times.add(
            "PostgreSQL",
            &outcome(vec![test("all", "rest::root::a", Some(4.0))]),
        );
        let lines: Vec<Vec<String>> = times
            .lines()
            .iter()
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .collect();
        for (place, expected) in [
            "SQLite nodes 1 7.0 7.0 nodes::c",
            "SQLite rest 2 1.8 1.5 rest::users::b",
            "SQLite counterfoil_domain 1 0.5 0.5 scope::tests::d",
            "SQLite Doc-tests counterfoil_domain 1 - -",
            "PostgreSQL rest 1 4.0 4.0 rest::root::a",
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(lines[place + 1].join(" "), expected);
        }
    }

    #[test]
    fn each_stage_has_a_line_and_their_sum_the_last() {
        let mut times = Times::default();
        assert_eq!(times.stage("one", || 3), 3);
        times.stages[0].1 = Duration::from_millis(1_500);
        times
            .stages
            .push(("two".to_owned(), Duration::from_secs(2)));
        let lines = times.lines();
        let last: Vec<Vec<&str>> = lines[lines.len() - 3..]
            .iter()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(last, [["one", "1.5"], ["two", "2.0"], ["all", "3.5"]]);
    }
}
