//! Run, print one chain of errors, exit with the code that says what kind it was.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = hushreel::command::Cli::parse();
    match hushreel::command::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hushreel: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
