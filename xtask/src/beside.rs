//! What is compiled beside the tests: tests wait for programs, disks and clocks for a good part of
//! their time, and the compiler takes what they leave.

use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use crate::say;
use crate::times::Times;

/// A command with the name of its stage.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) command: Command,
}

/// Stages that run one after the other while something else does, at the lowest priority.
pub(crate) enum Beside {
    Waiting(Vec<Stage>),
    Running(JoinHandle<Vec<Ended>>),
}

/// A stage that ended, with all that it printed.
pub(crate) struct Ended {
    name: &'static str,
    time: Duration,
    printed: String,
    result: Result<()>,
}

impl Beside {
    pub(crate) fn new(stages: Vec<Stage>) -> Self {
        Self::Waiting(stages)
    }

    /// Begins with the first of them, if that has not been done.
    pub(crate) fn start(&mut self) {
        if let Self::Waiting(stages) = self {
            let stages = std::mem::take(stages);
            let run = move || stages.into_iter().map(Stage::run).collect();
            *self = Self::Running(std::thread::spawn(run));
        }
    }

    /// Waits for all of them, shows what each printed, and names those that failed.
    pub(crate) fn finish(mut self, times: &mut Times) -> Vec<&'static str> {
        self.start();
        let Self::Running(thread) = self else {
            return Vec::new();
        };
        let begun = Instant::now();
        let ended = thread.join().expect("running a command does not panic");
        let mut failed = Vec::new();
        for stage in ended {
            say::step(&format!("{}, beside the tests", stage.name));
            say::line(stage.printed.trim_end());
            times.add_beside(stage.name, stage.time);
            if let Err(error) = stage.result {
                say::problem(&format!("{error:#}"));
                failed.push(stage.name);
            }
        }
        times.add_stage("waiting for what ran beside", begun.elapsed());
        failed
    }
}

impl Stage {
    fn run(self) -> Ended {
        let Self { name, command } = self;
        let begun = Instant::now();
        let output = patient(&command).stdin(Stdio::null()).output();
        let (printed, result) = match output {
            Ok(output) => {
                let printed = [output.stdout, output.stderr].concat();
                let result = if output.status.success() {
                    Ok(())
                } else {
                    Err(anyhow!("{name} failed ({})", output.status))
                };
                (String::from_utf8_lossy(&printed).into_owned(), result)
            }
            Err(error) => (String::new(), not_started(name, &error)),
        };
        Ended {
            name,
            time: begun.elapsed(),
            printed,
            result,
        }
    }
}

fn not_started(name: &str, error: &std::io::Error) -> Result<()> {
    bail!("{name} could not be started: {error}")
}

/// The same command, which gives way to all that have an ordinary priority.
fn patient(command: &Command) -> Command {
    let mut patient = Command::new("nice");
    patient
        .args(["-n", "19"])
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        patient.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => patient.env(name, value),
            None => patient.env_remove(name),
        };
    }
    patient
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &'static str, script: &str) -> Stage {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Stage { name, command }
    }

    #[test]
    fn what_fails_beside_the_tests_is_named_and_the_next_one_runs_all_the_same() {
        let mut times = Times::default();
        let mut beside = Beside::new(vec![stage("lints", "exit 3"), stage("docs", "true")]);
        beside.start();
        beside.start();
        assert_eq!(beside.finish(&mut times), ["lints"]);
        let table = times.lines().join("\n");
        assert!(table.contains("docs, beside the tests"), "{table}");
    }

    #[test]
    fn what_was_never_started_runs_before_it_is_waited_for() {
        let beside = Beside::new(vec![stage("docs", "exit 1")]);
        assert_eq!(beside.finish(&mut Times::default()), ["docs"]);
    }

    #[test]
    fn a_command_beside_the_tests_keeps_its_folder_and_its_variables_and_gives_way() {
        let mut command = Command::new("sh");
        command
            .args(["-c", r#"echo "$(nice) $(pwd) $FLAGS""#])
            .current_dir("/")
            .env("FLAGS", "--deny");
        let ended = Stage {
            name: "docs",
            command,
        }
        .run();
        assert_eq!(ended.printed, "19 / --deny\n");
    }
}
