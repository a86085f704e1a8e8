//! Files that are no packages. The reader says so; it never panics, never takes more memory than the file has, and never
//! answers something else than what was signed.

use platform_plugin_package::{Contents, MAX_COMPONENT_BYTES, MAX_PACKAGE_BYTES, Package, Refused, Trust, TrustedKeys};
use platform_plugin_package::{TrustedKey, Version};
use proptest::prelude::*;

use crate::honest::{MANIFEST, files, key, package};

const BLOCK: usize = 512;

/// A tar archive as any tool writes it.
fn tar(files: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, kind, bytes) in files {
        let mut header = [0_u8; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..116].copy_from_slice(b"0000000\0");
        header[116..124].copy_from_slice(b"0000000\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[148..156].copy_from_slice(b"        ");
        header[156] = *kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend_from_slice(&header);
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

/// The honest package with one more file in front.
fn with(name: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
    let honest = package();
    let mut all: Vec<(&str, u8, &[u8])> = vec![(name, kind, bytes)];
    all.extend(honest.contents().files().map(|(name, bytes)| (name, b'0', bytes)));
    all.push(("DIGESTS", b'0', honest.digests().as_bytes()));
    tar(&all)
}

#[test]
fn the_builder_of_these_tests_can_write_a_package() {
    let honest = package();
    let mut all: Vec<(&str, u8, &[u8])> = honest
        .contents()
        .files()
        .map(|(name, bytes)| (name, b'0', bytes))
        .collect();
    all.push(("DIGESTS", b'0', honest.digests().as_bytes()));
    assert_eq!(tar(&all), honest.to_bytes());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in [
        "../plugin.wasm",
        "/etc/passwd",
        "locales/../../x.json",
        "locales/en.json/",
        "./plugin.wasm",
        "PLUGIN.WASM",
        "locales\\en.json",
        "locales/eng.json",
        "plugin.wasm ",
        "C:plugin.wasm",
        "SIGNATURE",
        "plugin.cwasm",
        "locales/e\u{202e}.json",
    ] {
        let refused = Package::read(&with(name, b'0', b"x")).unwrap_err();
        assert!(matches!(refused, Refused::File { .. }), "{name}: {refused}");
        assert!(refused.to_string().is_ascii(), "{refused}");
        let mut more = files();
        more.push((name.to_owned(), b"x".to_vec()));
        assert!(Contents::of(more).is_err(), "{name}");
    }
}

#[test]
fn links_devices_and_folders_are_no_files() {
    for kind in [b'1', b'2', b'3', b'4', b'5', b'6', b'7', b'x', b'g', b'L', b'K', 0] {
        let refused = Package::read(&with("README.md", kind, b"")).unwrap_err();
        assert_eq!(refused.code(), "not_a_package", "kind {kind}");
    }
}

#[test]
fn a_file_that_stands_twice_is_refused() {
    let refused = Package::read(&with("plugin.wasm", b'0', b"another")).unwrap_err();
    assert_eq!(refused.to_string(), "plugin.wasm: is there twice");
}

#[test]
fn what_is_too_large_is_refused_before_it_is_copied() {
    let huge = vec![0; MAX_PACKAGE_BYTES + 1];
    assert_eq!(Package::read(&huge), Err(Refused::TooLarge));
    let mut large = files();
    large[0].1 = vec![7; MAX_COMPONENT_BYTES + 1];
    assert_eq!(
        Contents::of(large.clone()).unwrap_err().to_string(),
        "plugin.wasm: is too large"
    );
    large[0].1.pop();
    assert!(Contents::of(large).is_ok());
    for (place, bytes) in [(1, 64 * 1024), (2, 256 * 1024), (4, 256 * 1024)] {
        let mut large = files();
        large[place].1 = vec![b' '; bytes + 1];
        let refused = Contents::of(large).unwrap_err().to_string();
        assert!(refused.ends_with("is too large"), "{refused}");
    }
    // A header that claims more than there is.
    let mut claims = package().to_bytes();
    claims[124..135].copy_from_slice(b"77777777777");
    assert!(Package::read(&claims).is_err());
    // As many headers as fit, each without a byte behind it.
    let many: Vec<(String, u8, &[u8])> = (0..5000).map(|n| (format!("f{n}"), b'0', &b""[..])).collect();
    let many: Vec<(&str, u8, &[u8])> = many
        .iter()
        .map(|(name, kind, bytes)| (name.as_str(), *kind, *bytes))
        .collect();
    assert_eq!(Package::read(&tar(&many)).unwrap_err().code(), "not_a_package");
}

#[test]
fn compressed_files_and_other_archives_are_refused() {
    for bytes in [
        &b""[..],
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"(\xb5/\xfd",
        b"\0asm\x0d\0\x01\0",
        &[0; 1024],
        &[0; 512],
    ] {
        assert!(Package::read(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn files_out_of_order_are_another_archive() {
    let honest = package();
    let mut all: Vec<(&str, u8, &[u8])> = honest
        .contents()
        .files()
        .map(|(name, bytes)| (name, b'0', bytes))
        .collect();
    all.reverse();
    all.push(("DIGESTS", b'0', honest.digests().as_bytes()));
    assert_eq!(Package::read(&tar(&all)).unwrap_err().code(), "not_a_package");
}

#[test]
fn digests_and_content_belong_together() {
    let honest = package();
    let other = honest.digests().replacen(|c: char| c.is_ascii_digit(), "e", 1);
    let mut all: Vec<(&str, u8, &[u8])> = honest
        .contents()
        .files()
        .map(|(name, bytes)| (name, b'0', bytes))
        .collect();
    all.push(("DIGESTS", b'0', other.as_bytes()));
    assert_eq!(Package::read(&tar(&all)).unwrap_err().code(), "package_digest_wrong");
    let without: Vec<_> = all[..all.len() - 1].to_vec();
    assert_eq!(
        Package::read(&tar(&without)).unwrap_err().to_string(),
        "DIGESTS: is missing"
    );
}

#[test]
fn a_signature_is_of_one_package_alone() {
    let keys: TrustedKeys = [TrustedKey {
        publisher: "publisher".into(),
        key: key(1).public(),
        revoked: false,
    }]
    .into_iter()
    .collect();
    let mut signed = package();
    signed.sign(&key(1));
    let mut other = files();
    other[0].1.push(b'!');
    let mut other = Contents::of(other).unwrap().pack();
    // The signature of the first, put behind the second.
    let text = signed.to_bytes();
    let place = text.windows(9).rposition(|part| part == b"SIGNATURE").unwrap();
    let mut stolen = other.to_bytes();
    stolen.truncate(stolen.len() - 2 * BLOCK);
    stolen.extend_from_slice(&text[place..]);
    let stolen = Package::read(&stolen).unwrap();
    assert_eq!(stolen.trust(&keys), Trust::Broken(key(1).public().id()));
    // Signed by somebody else who uses the trusted key's name.
    other.sign(&key(2));
    let named = other.to_bytes();
    let mut lied = named.clone();
    let place = lied.windows(9).rposition(|part| part == b"SIGNATURE").unwrap();
    lied[place + BLOCK..place + BLOCK + 16].copy_from_slice(key(1).public().id().to_string().as_bytes());
    let lied = Package::read(&lied).unwrap();
    assert_eq!(lied.trust(&keys), Trust::Broken(key(1).public().id()));
    assert!(matches!(
        Package::read(&named).unwrap().trust(&keys),
        Trust::UnknownKey(_)
    ));
}

#[test]
fn signatures_that_cannot_be_read_are_refused() {
    let mut signed = package();
    signed.sign(&key(1));
    let bytes = signed.to_bytes();
    let place = bytes.windows(9).rposition(|part| part == b"SIGNATURE").unwrap() + BLOCK;
    for (at, byte) in [(0, b'X'), (16, b'_'), (20, b'*'), (place, b'Z')] {
        let mut other = bytes.clone();
        let at = if at == place { place } else { place + at };
        other[at] = byte;
        assert_eq!(
            Package::read(&other).unwrap_err().code(),
            "package_signature_unreadable",
            "{at}"
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4096)) {
        prop_assert!(Package::read(&bytes).is_err());
    }

    #[test]
    fn a_changed_package_is_refused_or_no_longer_trusted(at in 0_usize..20_000, bit in 0_u8..8) {
        let keys: TrustedKeys =
            [TrustedKey { publisher: "p".into(), key: key(1).public(), revoked: false }].into_iter().collect();
        let mut signed = package();
        signed.sign(&key(1));
        let mut bytes = signed.to_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Ok(read) = Package::read(&bytes) {
            let good = matches!(read.trust(&keys), Trust::Good { .. });
            prop_assert!(!good, "byte {} does not count", at);
        }
    }

    #[test]
    fn what_is_read_is_what_was_written(component in proptest::collection::vec(any::<u8>(), 1..2000), patch in 0_u32..1_000_000) {
        let manifest = MANIFEST.replace("1.12.0", &format!("1.12.{patch}"));
        let contents = Contents::of([
            ("plugin.toml".to_owned(), manifest.into_bytes()),
            ("plugin.wasm".to_owned(), component.clone()),
        ]).unwrap();
        let read = Package::read(&contents.pack().to_bytes()).unwrap();
        prop_assert_eq!(read.contents().component(), &component[..]);
        prop_assert_eq!(read.contents().version(), Version { major: 1, minor: 12, patch });
    }
}
