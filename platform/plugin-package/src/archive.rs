//! The archive: tar (ustar) with one possible header for each name and size.

use crate::Refused;

/// Largest package: a component of the largest size, and everything beside it.
pub const MAX_PACKAGE_BYTES: usize = 6 * 1024 * 1024;

const BLOCK: usize = 512;
/// More files than any package has.
const MAX_FILES: usize = 64;
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// The header of a file. There is one for each name and size.
fn header(name: &str, size: usize) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    // The sum is made with blanks in its place.
    put(CHECKSUM.start, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

fn padding(size: usize) -> usize {
    size.next_multiple_of(BLOCK) - size
}

/// Writes files in the order in which they are given. Names are short and plain: whoever calls has looked.
pub(crate) fn write<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in files {
        archive.extend_from_slice(&header(name, bytes.len()));
        archive.extend_from_slice(bytes);
        archive.resize(archive.len() + padding(bytes.len()), 0);
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

/// The files of an archive, in its order: slices of the bytes that were given.
pub(crate) fn read(archive: &[u8]) -> Result<Vec<(&str, &[u8])>, Refused> {
    if archive.len() > MAX_PACKAGE_BYTES {
        return Err(Refused::TooLarge);
    }
    let mut files = Vec::new();
    let mut rest = archive;
    loop {
        let (block, after) = rest
            .split_first_chunk::<BLOCK>()
            .ok_or(Refused::NotCanonical("it ends in the middle"))?;
        if block.iter().all(|byte| *byte == 0) {
            let ends = after.len() == BLOCK && after.iter().all(|byte| *byte == 0);
            return if ends {
                Ok(files)
            } else {
                Err(Refused::NotCanonical("something follows its end"))
            };
        }
        if files.len() == MAX_FILES {
            return Err(Refused::NotCanonical("it has too many files"));
        }
        let (name, size) = named(block)?;
        let end = size + padding(size);
        let (bytes, next) = after
            .split_at_checked(end)
            .ok_or(Refused::NotCanonical("a file ends in the middle"))?;
        let (bytes, filled) = bytes.split_at(size);
        if filled.iter().any(|byte| *byte != 0) {
            return Err(Refused::NotCanonical("something stands between its files"));
        }
        files.push((name, bytes));
        rest = next;
    }
}

/// Name and size of a header, if it is the one that this name and size have.
fn named(block: &[u8; BLOCK]) -> Result<(&str, usize), Refused> {
    let odd = || Refused::NotCanonical("a file has another header than packages have");
    let name = block[..100].split(|byte| *byte == 0).next().unwrap_or_default();
    let name = std::str::from_utf8(name).map_err(|_| odd())?;
    let size = std::str::from_utf8(&block[124..135]).map_err(|_| odd())?;
    let size = usize::from_str_radix(size, 8).map_err(|_| odd())?;
    if name.is_empty() || name.len() == 100 || size > MAX_PACKAGE_BYTES || *block != header(name, size) {
        return Err(odd());
    }
    Ok((name, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let files: [(&str, &[u8]); 3] = [("a", b""), ("b/c.txt", b"text"), ("d", &[7; 512])];
        let archive = write(files.into_iter());
        assert_eq!(read(&archive).unwrap(), files);
        assert_eq!(archive.len() % BLOCK, 0);
    }

    #[test]
    fn any_other_byte_is_refused_or_is_content() {
        let archive = write([("name", &b"content"[..])].into_iter());
        let mut changed = 0;
        for at in 0..archive.len() {
            for bit in [1, 0x80] {
                let mut other = archive.clone();
                other[at] ^= bit;
                match read(&other) {
                    Err(_) => changed += 1,
                    Ok(files) => assert_ne!(files, [("name", &b"content"[..])], "byte {at} does not count"),
                }
            }
        }
        assert!(changed > 1_000, "{changed}");
        for cut in 0..archive.len() {
            assert!(read(&archive[..cut]).is_err(), "{cut}");
        }
        let mut longer = archive;
        longer.push(0);
        assert!(read(&longer).is_err());
    }
}
