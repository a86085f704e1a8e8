//! What an author does: pack, sign, hand out; and what whoever receives it learns.

use std::fs;

use platform_plugin_package::{
    Contents, Package, PublicKey, Refused, SecretKey, Trust, TrustedKey, TrustedKeys, Version,
};

pub const MANIFEST: &str = "name = \"road-fuel\"\nversion = \"1.12.0\"\nworld = \"fuel-plugin\"\n";

pub fn files() -> Vec<(String, Vec<u8>)> {
    let file = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec());
    vec![
        file("plugin.wasm", b"\0asm and so on"),
        file("plugin.toml", MANIFEST.as_bytes()),
        file("locales/en.json", b"{}"),
        file("locales/ar.json", "{\"fuel\":\"وقود\"}".as_bytes()),
        file("README.md", b"# Road fuel\n"),
    ]
}

pub fn package() -> Package {
    Contents::of(files()).unwrap().pack()
}

pub fn key(seed: u8) -> SecretKey {
    SecretKey::new(&[seed; 32])
}

fn trusted(seed: u8, revoked: bool) -> TrustedKey {
    TrustedKey {
        publisher: format!("publisher-{seed}"),
        key: key(seed).public(),
        revoked,
    }
}

#[test]
fn the_same_content_is_the_same_bytes() {
    let mut other = files();
    other.reverse();
    assert_eq!(package().to_bytes(), Contents::of(other).unwrap().pack().to_bytes());
    let mut signed = package();
    signed.sign(&key(1));
    let first = signed.to_bytes();
    signed.sign(&key(1));
    assert_eq!(signed.to_bytes(), first);
}

#[test]
fn what_is_packed_is_read_with_all_of_it() {
    let mut package = package();
    package.sign(&key(1));
    let read = Package::read(&package.to_bytes()).unwrap();
    assert_eq!(read, package);
    let contents = read.contents();
    assert_eq!(
        (contents.name(), contents.version().to_string().as_str()),
        ("road-fuel", "1.12.0")
    );
    assert_eq!(contents.file_name(), "road-fuel-1.12.0.barq");
    assert_eq!(contents.manifest(), MANIFEST);
    assert_eq!(contents.component(), b"\0asm and so on");
    assert_eq!(contents.readme(), Some("# Road fuel\n"));
    let locales: Vec<(&str, &str)> = contents.locales().collect();
    assert_eq!(locales, [("ar", "{\"fuel\":\"وقود\"}"), ("en", "{}")]);
    assert_eq!(read.digests().lines().count(), 5);
}

#[test]
fn a_folder_is_packed_without_what_does_not_belong_in() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("locales")).unwrap();
    fs::create_dir_all(folder.path().join("src")).unwrap();
    for (name, bytes) in files() {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    for name in ["signing.key", "Cargo.lock", "src/lib.rs", "locales/notes.txt"] {
        fs::write(folder.path().join(name), b"not for strangers").unwrap();
    }
    let packed = Contents::of_folder(folder.path()).unwrap().unwrap().pack();
    assert_eq!(packed, package());
    fs::remove_file(folder.path().join("plugin.wasm")).unwrap();
    let refused = Contents::of_folder(folder.path()).unwrap().unwrap_err();
    assert_eq!(refused.to_string(), "plugin.wasm: is missing");
}

#[test]
fn a_signature_is_worth_what_its_key_is() {
    let keys: TrustedKeys = [trusted(1, false), trusted(2, true)].into_iter().collect();
    let mut package = package();
    assert_eq!(package.trust(&keys), Trust::Unsigned);
    package.sign(&key(3));
    assert_eq!(package.trust(&keys), Trust::UnknownKey(key(3).public().id()));
    package.sign(&key(2));
    assert_eq!(package.trust(&keys), Trust::RevokedKey(key(2).public().id()));
    package.sign(&key(1));
    let good = Trust::Good {
        key_id: key(1).public().id(),
        publisher: "publisher-1".into(),
    };
    assert_eq!(package.trust(&keys), good);
    // Somebody else's word for the same key: the one that says it is lost counts.
    let both: TrustedKeys = [trusted(1, false), trusted(1, true)].into_iter().collect();
    assert_eq!(package.trust(&both), Trust::RevokedKey(key(1).public().id()));
}

#[test]
fn keys_have_a_text_form() {
    let secret = key(9);
    let again: SecretKey = format!("{}\n", secret.to_text()).parse().unwrap();
    assert_eq!(again.public(), secret.public());
    let public: PublicKey = secret.public().to_string().parse().unwrap();
    assert_eq!(public, secret.public());
    assert!(!format!("{secret:?}").contains(&secret.to_text()));
    for bad in [
        "",
        "abc",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        &secret.to_text()[..40],
    ] {
        assert!(bad.parse::<PublicKey>().is_err(), "{bad}");
    }
}

#[test]
fn an_operators_list_of_publishers() {
    let text = format!(
        "[[key]]\npublisher = \"publisher-1\"\npublic-key = \"{}\"\n\n[[key]]\npublisher = \"publisher-2\"\npublic-key = \"{}\"\nrevoked = true\n",
        key(1).public(),
        key(2).public()
    );
    let keys = TrustedKeys::parse(&text).unwrap();
    assert_eq!(keys, [trusted(1, false), trusted(2, true)].into_iter().collect());
    assert_eq!(TrustedKeys::parse("").unwrap(), TrustedKeys::default());
    assert!(TrustedKeys::parse("[[key]]\npublisher = \"x\"\npublic-key = \"no\"").is_err());
    assert!(TrustedKeys::parse(&text.replace("revoked", "trusted")).is_err());
}

#[test]
fn versions_are_numbers() {
    let version = |text: &str| text.parse::<Version>();
    assert!(version("1.12.0").unwrap() > version("1.9.10").unwrap());
    assert!(version("2.0.0").unwrap() > version("1.99.99").unwrap());
    for bad in [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "1.2.x",
        "01.2.3",
        "1.2.3-rc1",
        "1..2",
        "+1.2.3",
        "1.2.1234567",
    ] {
        assert!(version(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_manifest_names_its_plugin() {
    for (text, part) in [
        ("version = \"1.0.0\"", "name"),
        ("name = \"Road Fuel\"\nversion = \"1.0.0\"", "lower-case"),
        ("name = \"../road\"\nversion = \"1.0.0\"", "lower-case"),
        ("name = \"road\"\nversion = \"1.0\"", "three numbers"),
        ("name = ", "string"),
    ] {
        let mut files = files();
        files[1].1 = text.as_bytes().to_vec();
        let refused = Contents::of(files).unwrap_err();
        assert!(
            matches!(&refused, Refused::Manifest(why) if why.contains(part)),
            "{text}: {refused}"
        );
    }
}
