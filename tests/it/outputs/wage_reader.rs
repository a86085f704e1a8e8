//! A reader of the ministry's wage file, written from the description of the format (tab separated, ten fields of a header,
//! fourteen of a worker, a dash at the end) and from nothing of the product: it holds a file to what a bank would.

use anyhow::{Context, Result, ensure};

/// Codes of banks in IBANs, and their names in the clearing.
const BANKS: [(&str, &str); 22] = [
    ("05", "INMA"),
    ("10", "NCBK"),
    ("15", "ALBI"),
    ("20", "RIBL"),
    ("30", "ARNB"),
    ("40", "NCBK"),
    ("45", "SABB"),
    ("50", "SABB"),
    ("55", "BSFR"),
    ("60", "BJAZ"),
    ("65", "SIBC"),
    ("71", "NBOB"),
    ("75", "NBOK"),
    ("76", "BMUS"),
    ("80", "RJHI"),
    ("81", "DEUT"),
    ("82", "NBPA"),
    ("83", "SBIN"),
    ("84", "TCZB"),
    ("85", "BNPA"),
    ("90", "GULF"),
    ("95", "EBIL"),
];

/// A worker's row, amounts in halalas.
#[derive(Debug, PartialEq, Eq)]
pub struct Worker {
    pub name: String,
    pub id: String,
    pub iban: String,
    pub net: i64,
    pub earned: [i64; 3],
    pub deducted: i64,
}

/// A file.
#[derive(Debug)]
pub struct WageFile {
    pub establishment: String,
    pub account: String,
    pub value_date: String,
    pub reference: String,
    pub ministry: String,
    pub total: i64,
    pub workers: Vec<Worker>,
}

fn halalas(text: &str) -> Result<i64> {
    let (riyals, halalas) = text.split_once('.').with_context(|| format!("{text:?} has no point"))?;
    ensure!(halalas.len() == 2, "{text:?} has not two digits behind the point");
    ensure!(
        text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'),
        "{text:?} is no amount"
    );
    Ok(riyals.parse::<i64>()? * 100 + halalas.parse::<i64>()?)
}

fn iban(text: &str, bank: &str) -> Result<()> {
    ensure!(text.len() == 24 && text.starts_with("SA"), "{text:?} is no Saudi IBAN");
    // The country and the check digits behind, letters as numbers: what is left of 97 is 1.
    let turned = text[4..].chars().chain(text[..4].chars());
    let rest = turned.fold(0_u32, |rest, c| {
        let value = c.to_digit(36).unwrap_or(0);
        let shift = if value > 9 { 100 } else { 10 };
        (rest * shift + value) % 97
    });
    ensure!(rest == 1, "the check digits of {text} do not fit");
    let known = BANKS.iter().find(|(code, _)| *code == &text[4..6]);
    let (_, name) = known.with_context(|| format!("{text} is of no bank"))?;
    ensure!(*name == bank, "{text} is of {name}, not {bank}");
    Ok(())
}

fn person(id: &str) -> Result<()> {
    ensure!(
        id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_digit()),
        "{id:?} has not ten digits"
    );
    ensure!(
        id.starts_with(['1', '2']),
        "{id} is of neither a citizen nor a resident"
    );
    let sum: u32 = id
        .chars()
        .enumerate()
        .map(|(place, c)| {
            let digit = c.to_digit(10).unwrap_or(0);
            match place % 2 {
                0 => digit * 2 / 10 + digit * 2 % 10,
                _ => digit,
            }
        })
        .sum();
    ensure!(sum.is_multiple_of(10), "the check digit of {id} does not fit");
    Ok(())
}

fn day(text: &str) -> Result<()> {
    ensure!(
        text.len() == 8 && chrono::NaiveDate::parse_from_str(text, "%Y%m%d").is_ok(),
        "{text:?} is no day"
    );
    Ok(())
}

/// Reads a file, and refuses what a bank would.
pub fn read(bytes: &[u8]) -> Result<WageFile> {
    let text = std::str::from_utf8(bytes)?;
    let mut lines: Vec<&str> = text.lines().collect();
    ensure!(lines.pop() == Some("-"), "the last line is no dash");
    ensure!(lines.len() > 1, "nobody is paid");
    let head: Vec<&str> = lines[0].split('\t').collect();
    ensure!(head.len() == 10, "{} fields in the header", head.len());
    ensure!(
        head[1].len() == 10 && head[3] == "SAR" && head[8].is_empty(),
        "header {head:?}"
    );
    iban(head[2], head[0])?;
    day(head[4])?;
    if !head[6].is_empty() {
        day(head[6])?;
    }
    ensure!(
        (1..=16).contains(&head[7].len()) && head[7].chars().all(|c| c.is_ascii_alphanumeric()),
        "reference {}",
        head[7]
    );
    let (office, number) = head[9].split_once('-').context("the ministry's number")?;
    ensure!(
        office.parse::<u32>().is_ok() && number.parse::<u64>().is_ok(),
        "the ministry's number {}",
        head[9]
    );
    let mut workers: Vec<Worker> = Vec::new();
    for line in &lines[1..] {
        let cells: Vec<&str> = line.split('\t').collect();
        ensure!(cells.len() == 14, "{} fields in {line:?}", cells.len());
        let by_bank = [5, 11, 12, 13].iter().all(|place| cells[*place].is_empty());
        ensure!(by_bank, "fields of the bank are filled in {line:?}");
        iban(cells[1], cells[3])?;
        person(cells[10])?;
        ensure!(!cells[2].trim().is_empty(), "nobody's name in {line:?}");
        let worker = Worker {
            name: cells[2].to_owned(),
            id: cells[10].to_owned(),
            iban: cells[1].to_owned(),
            net: halalas(cells[0])?,
            earned: [halalas(cells[6])?, halalas(cells[7])?, halalas(cells[8])?],
            deducted: halalas(cells[9])?,
        };
        let gross: i64 = worker.earned.iter().sum();
        ensure!(
            worker.net == gross - worker.deducted && worker.net > 0,
            "the parts of {line:?} are not its amount"
        );
        ensure!(worker.deducted * 2 <= gross, "more than half is deducted in {line:?}");
        ensure!(
            workers.iter().all(|other| other.id != worker.id),
            "{} is paid twice",
            worker.id
        );
        workers.push(worker);
    }
    let total = halalas(head[5])?;
    ensure!(
        total == workers.iter().map(|worker| worker.net).sum::<i64>(),
        "the header's sum is {total}"
    );
    Ok(WageFile {
        establishment: head[1].to_owned(),
        account: head[2].to_owned(),
        value_date: head[4].to_owned(),
        reference: head[7].to_owned(),
        ministry: head[9].to_owned(),
        total,
        workers,
    })
}
