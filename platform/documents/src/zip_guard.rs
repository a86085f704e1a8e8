//! A look at a workbook's archive before anything of it is believed: small bytes can hold gigabytes.

use crate::error::ReadError;
use std::io::{Cursor, Read};

/// A workbook of a hundred sheets has a few hundred parts.
const MAX_ENTRIES: usize = 2_000;
/// 100,000 rows of 40 columns are about 150 MiB of XML.
const MAX_TOTAL_BYTES: u64 = 256 << 20;
/// The texts of all cells, which the reader keeps in memory.
const MAX_SHARED_STRINGS_BYTES: u64 = 64 << 20;
/// XML of a sheet shrinks 10 to 30 times, of very regular ones 100 times.
const MAX_RATIO: u64 = 200;
/// Below this size the ratio says nothing.
const RATIO_FROM_BYTES: u64 = 8 << 20;

/// Refuses an archive that is too large once unpacked. The sizes that it declares are checked first, then each entry is
/// unpacked into nothing, because a declared size may lie.
pub(crate) fn check(bytes: &[u8]) -> Result<(), ReadError> {
    look(bytes).map(drop)
}

/// Whether the bytes are a workbook that may be kept for others to open: of a size that can be unpacked, with no program in it
/// and no part that would be unpacked somewhere else.
pub fn check_workbook(bytes: &[u8]) -> Result<(), ReadError> {
    let look = look(bytes)?;
    if look.has_program {
        return Err(ReadError::UnsupportedFormat { found: "XLSM" });
    }
    if look.climbs {
        return Err(ReadError::Damaged {
            detail: "a part of the workbook lies outside of it".to_owned(),
        });
    }
    Ok(())
}

/// What a workbook's parts are called says this much about it.
#[derive(Default)]
struct Look {
    has_program: bool,
    climbs: bool,
}

fn look(bytes: &[u8]) -> Result<Look, ReadError> {
    let damaged = |error: zip::result::ZipError| ReadError::Damaged {
        detail: error.to_string(),
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_ENTRIES {
        return Err(ReadError::TooLarge {
            detail: format!("{} parts in the workbook", archive.len()),
        });
    }
    let (mut workbook, mut look) = (false, Look::default());
    let mut total = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.to_ascii_lowercase();
        workbook |= name == "xl/workbook.xml";
        let file = name.rsplit('/').next().unwrap_or_default();
        look.has_program |= match file.rsplit_once('.') {
            Some((stem, "bin")) => stem.contains("vba"),
            Some((_, "exe" | "class")) => true,
            _ => false,
        };
        look.climbs |= name.starts_with('/') || name.contains(['\\', ':']) || name.split('/').any(|part| part == "..");
        let most = MAX_TOTAL_BYTES - total;
        let most = if name.ends_with("sharedstrings.xml") {
            most.min(MAX_SHARED_STRINGS_BYTES)
        } else {
            most
        };
        total += unpacked(entry, most)?;
    }
    if workbook {
        Ok(look)
    } else {
        Err(ReadError::UnsupportedFormat { found: "ZIP" })
    }
}

/// The real size of an entry, refused as soon as it passes `most` or the ratio.
fn unpacked(entry: zip::read::ZipFile<'_, Cursor<&[u8]>>, most: u64) -> Result<u64, ReadError> {
    let compressed = entry.compressed_size().max(1);
    let too_large = || ReadError::TooLarge {
        detail: "the workbook unpacks to far more than its size".to_owned(),
    };
    if entry.size() > most {
        return Err(too_large());
    }
    let most = most.min(RATIO_FROM_BYTES.max(compressed.saturating_mul(MAX_RATIO)));
    let found = std::io::copy(&mut entry.take(most + 1), &mut std::io::sink()).map_err(|error| ReadError::Damaged {
        detail: error.to_string(),
    })?;
    if found > most { Err(too_large()) } else { Ok(found) }
}
