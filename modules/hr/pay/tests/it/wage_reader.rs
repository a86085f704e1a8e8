//! A reader of wage files that knows the format and nothing of the writer: positions, whole halalas, and its own arithmetic.

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Read {
    pub header: Vec<String>,
    pub total: u64,
    pub workers: Vec<Worker>,
}

/// What a row says, in halalas.
#[derive(Debug, PartialEq, Eq)]
pub struct Worker {
    pub name: String,
    pub id: String,
    pub iban: String,
    pub net: u64,
    pub basic: u64,
    pub housing: u64,
    pub other: u64,
    pub deductions: u64,
}

fn halalas(text: &str) -> Result<u64, String> {
    let bytes = text.as_bytes();
    let good = bytes.len() >= 4 && bytes[bytes.len() - 3] == b'.' && text.matches('.').count() == 1;
    if !good {
        return Err(format!("amount {text}"));
    }
    text.replace('.', "").parse().map_err(|_| format!("amount {text}"))
}

/// The IBAN as one number: the first four characters behind, letters as two digits; its remainder by 97 is 1.
fn has_good_check_digits(iban: &str) -> bool {
    let turned = format!("{}{}", &iban[4..], &iban[..4]);
    let mut long = String::new();
    for byte in turned.bytes() {
        if byte.is_ascii_digit() {
            long.push(char::from(byte));
        } else {
            long += &(byte - b'A' + 10).to_string();
        }
    }
    let mut rest = 0_u64;
    for part in long.as_bytes().chunks(7) {
        let part = std::str::from_utf8(part).unwrap();
        rest = format!("{rest}{part}").parse::<u64>().unwrap() % 97;
    }
    rest == 1
}

/// From the right, every second digit twice, its digits added.
fn has_good_check_digit(id: &str) -> bool {
    let sum: u32 = id
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, twice) if twice > 9 => twice - 9,
                (_, twice) => twice,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Reads a file and holds it to the format.
pub fn read(text: &str) -> Result<Read, String> {
    let mut lines: Vec<&str> = text.split("\r\n").collect();
    if lines.pop() != Some("") || lines.pop() != Some("-") {
        return Err("the end".to_owned());
    }
    let header: Vec<String> = lines.remove(0).split('\t').map(ToOwned::to_owned).collect();
    if header.len() != 10 || header[3] != "SAR" || header[4].len() != 8 || header[7].len() > 16 || header[0].len() != 4
    {
        return Err(format!("header {header:?}"));
    }
    let mut found = Read {
        total: halalas(&header[5])?,
        header,
        workers: Vec::new(),
    };
    let mut sum = 0;
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        if cells.len() != 14 || ![5, 11, 12, 13].iter().all(|place| cells[*place].is_empty()) {
            return Err(format!("row {line}"));
        }
        let worker = Worker {
            net: halalas(cells[0])?,
            iban: cells[1].to_owned(),
            name: cells[2].to_owned(),
            basic: halalas(cells[6])?,
            housing: halalas(cells[7])?,
            other: halalas(cells[8])?,
            deductions: halalas(cells[9])?,
            id: cells[10].to_owned(),
        };
        if worker.net + worker.deductions != worker.basic + worker.housing + worker.other {
            return Err(format!("parts of {line}"));
        }
        if worker.deductions * 2 > worker.basic + worker.housing + worker.other {
            return Err(format!("half of {line}"));
        }
        if worker.iban.len() != 24 || !worker.iban.starts_with("SA") || !has_good_check_digits(&worker.iban) {
            return Err(format!("IBAN of {line}"));
        }
        if worker.id.len() != 10 || !matches!(worker.id.as_bytes()[0], b'1' | b'2') || !has_good_check_digit(&worker.id)
        {
            return Err(format!("id of {line}"));
        }
        sum += worker.net;
        found.workers.push(worker);
    }
    if sum != found.total {
        return Err(format!("sum {sum} of {}", found.total));
    }
    Ok(found)
}
