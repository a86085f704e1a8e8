//! `barq payroll`: pay without a database, for whoever checks it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use hr_pay::sheet::{Sheet, calculate};
use hr_pay::{Categories, documented_from};

/// Pay without a database.
#[derive(Subcommand, Debug)]
pub enum PayrollCommand {
    /// Pays the work in a sheet (CSV or XLSX): columns category, target, days, orders, revenue and gas_usage in, the same and
    /// final_target, basic, bonus, gas_deserved, gas_difference and total out. A row that cannot be paid is named; the exit status
    /// is then not 0.
    Calculate(CalculateArgs),
}

/// What is paid, and how much is said about it.
#[derive(Args, Debug)]
pub struct CalculateArgs {
    /// The sheet; `-` reads standard input.
    file: PathBuf,
    /// Also how every line came about, as JSON, a line for each row: after the table, or in a file of its own.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    explain: Option<PathBuf>,
}

/// Pays; answers whether every row could be paid.
pub fn payroll(command: &PayrollCommand) -> Result<bool> {
    let PayrollCommand::Calculate(args) = command;
    let bytes = read(&args.file)?;
    let sheet = calculate(
        &bytes,
        Categories::documented(),
        documented_from(),
        args.explain.is_some(),
    )
    .with_context(|| args.file.display().to_string())?;
    let mut out = std::io::stdout().lock();
    out.write_all(&sheet.csv)?;
    match args.explain.as_deref() {
        None => {}
        Some(path) if is_dash(path) => explain(&sheet, &mut out)?,
        Some(path) => {
            let file = std::fs::File::create(path).with_context(|| path.display().to_string())?;
            explain(&sheet, &mut std::io::BufWriter::new(file))?;
        }
    }
    out.flush()?;
    let mut errors = std::io::stderr().lock();
    for error in &sheet.errors {
        writeln!(errors, "barq: {error}")?;
    }
    if !sheet.errors.is_empty() {
        writeln!(
            errors,
            "barq: {} rows are paid, {} are not",
            sheet.paid,
            sheet.errors.len()
        )?;
    }
    Ok(sheet.errors.is_empty())
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn read(path: &Path) -> Result<Vec<u8>> {
    if !is_dash(path) {
        return std::fs::read(path).with_context(|| path.display().to_string());
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn explain(sheet: &Sheet, out: &mut impl Write) -> Result<()> {
    for trace in &sheet.traces {
        serde_json::to_writer(&mut *out, trace)?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(())
}
