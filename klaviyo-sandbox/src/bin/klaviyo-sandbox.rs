//! The sandbox as a program: it prints its address and key, and serves until it is asked to stop.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use klaviyo_sandbox::{Builder, NamedSetting, Sandbox, SettingError, Settings};

/// The port, unless another one is given: an address to remember.
const PORT: u16 = 8080;

#[tokio::main]
async fn main() -> ExitCode {
    let mut command = command();
    let arguments = command.get_matches_mut();
    let settings = settings(&arguments).unwrap_or_else(|error| {
        command
            .error(ErrorKind::InvalidValue, of_option(&error))
            .exit()
    });
    match run(settings, &arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("klaviyo-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until it is asked to stop.
async fn run(settings: Settings, arguments: &ArgMatches) -> Result<(), Box<dyn Error>> {
    let sandbox = Builder::from(settings).start().await?;
    let file = arguments.get_one::<PathBuf>("snapshot");
    if let Some(file) = file {
        let named = |error: Box<dyn Error>| format!("{}: {error}", file.display());
        load(&sandbox, file).map_err(named)?;
        // A file that cannot be written is told now, not when all is to be lost.
        save(&sandbox, file).map_err(|error| named(error.into()))?;
    }
    // Who reads the greeting may ask at once.
    let asked = asked_to_stop()?;
    println!(
        "klaviyo-sandbox listens on {} and takes the key {}",
        sandbox.url(),
        sandbox.key()
    );
    asked.await;
    if let Some(file) = file {
        save(&sandbox, file).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    sandbox.stop().await;
    Ok(())
}

/// An option for every setting, and one for the file.
fn command() -> Command {
    let snapshot = Arg::new("snapshot")
        .long("snapshot")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help_heading("What it holds")
        .help(
            "a file that it is read from at the start, if it is there, and written to then and at the end",
        );
    Command::new("klaviyo-sandbox")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A Klaviyo on loopback, for tests and demos.")
        .args(Settings::NAMED.iter().map(option))
        .arg(snapshot)
}

fn defaults() -> Settings {
    Settings {
        port: PORT,
        ..Settings::default()
    }
}

fn option(setting: &NamedSetting) -> Arg {
    let option = Arg::new(setting.name).long(setting.flag());
    let option = option.help_heading(setting.heading);
    if setting.switched().is_some() {
        return option.action(ArgAction::SetTrue).help(setting.about);
    }
    let help = match setting.of(&defaults()).as_str() {
        "" => setting.about.to_owned(),
        default => format!("{} [default: {default}]", setting.about),
    };
    let option = option.allow_negative_numbers(true);
    option.value_name(setting.placeholder()).help(help)
}

/// The settings, as far as they are given.
fn settings(arguments: &ArgMatches) -> Result<Settings, SettingError> {
    let mut settings = defaults();
    for setting in Settings::NAMED {
        let text = match setting.switched() {
            Some(switched) => arguments.get_flag(setting.name).then_some(switched),
            None => arguments
                .get_one::<String>(setting.name)
                .map(String::as_str),
        };
        if let Some(text) = text {
            settings.set(setting.name, text)?;
        }
    }
    Ok(settings)
}

/// What is wrong with a setting, under the name of its option.
fn of_option(error: &SettingError) -> String {
    let text = error.to_string();
    let (name, rest) = text.split_once(' ').unwrap_or_default();
    match Settings::NAMED.iter().find(|setting| setting.name == name) {
        Some(setting) => format!("--{} {rest}", setting.flag()),
        None => text,
    }
}

/// Restores what a file holds; one that is not there yet holds nothing.
fn load(sandbox: &Sandbox, file: &Path) -> Result<(), Box<dyn Error>> {
    match std::fs::read(file) {
        Ok(snapshot) => Ok(sandbox.restore(&snapshot)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Writes what the sandbox holds beside the file first, so that the old one is there until the new
/// one is whole.
fn save(sandbox: &Sandbox, file: &Path) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, sandbox.snapshot())?;
    std::fs::rename(&beside, file)
}

/// Listens from now on for Ctrl-C and SIGTERM; the future ends after either.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Listens from now on for Ctrl-C; the future ends after it.
#[cfg(windows)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupted = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupted.recv().await;
    })
}

#[cfg(test)]
mod tests {
    use klaviyo_sandbox::{Confirmation, OnRefresh};

    use super::*;

    fn given(line: &str) -> Result<Settings, SettingError> {
        let words = line.split_whitespace();
        settings(
            &command()
                .get_matches_from([&["klaviyo-sandbox"], &*words.collect::<Vec<_>>()].concat()),
        )
    }

    #[test]
    fn every_setting_is_an_option() {
        command().debug_assert();
        let line = "--no-limits --sink --confirmation given --on-refresh rotate --scopes lists:read,lists:write";
        let settings = given(line).unwrap();
        assert!(!settings.limits && settings.sink);
        assert_eq!(settings.confirmation, Confirmation::Given);
        assert_eq!(settings.on_refresh, OnRefresh::Rotate);
        assert_eq!(settings.scopes.map(|scopes| scopes.len()), Some(2));
        assert_eq!(settings.port, PORT);
    }

    #[test]
    fn what_a_setting_does_not_take_is_an_error_with_the_choices() {
        let error = given("--repeated-event maybe").unwrap_err().to_string();
        assert!(error.contains("refuse or drop"), "{error}");
        let error = of_option(&given("--job-time -1").unwrap_err());
        assert!(error.starts_with("--job-time is a number"), "{error}");
        let error = of_option(&given("--key=").unwrap_err());
        assert!(error.starts_with("--key is a text"), "{error}");
        let misspelt = command().try_get_matches_from(["klaviyo-sandbox", "--jobtime", "1"]);
        let error = misspelt.unwrap_err().to_string();
        assert!(error.contains("'--job-time'"), "{error}");
    }
}
