//! One gateway, two languages: the same scenario, the same requests, the same results.

use std::path::Path;

use crate::support::{bench, has_node, plugin};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let other = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &other),
            false => drop(std::fs::copy(&path, &other).unwrap()),
        }
    }
}

#[tokio::test]
async fn a_plugin_in_javascript_does_what_its_sister_in_rust_does() {
    if !has_node() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap();
    let folder = bench("languages").unwrap();
    let example = folder.join("taqnyat-javascript");
    copy(&root.join("plugin-sdk/examples/taqnyat-javascript"), &example);
    plugin(&example, &["sdk"]).await.good();
    plugin(&example, &["build", "--quiet"]).await.good();
    // What the one in Rust does is what has to come of the one in JavaScript.
    platform_plugin_build::build_guest(&root.join("plugins/taqnyat-sms"), &folder, &mut |_| {}).unwrap();
    let sister = folder.join("taqnyat-sms");
    copy(&root.join("plugins/taqnyat-sms/src"), &sister.join("src"));
    std::fs::copy(root.join("plugins/taqnyat-sms/Cargo.toml"), sister.join("Cargo.toml")).unwrap();
    copy(&example.join("tests"), &sister.join("tests"));
    let built = std::fs::read(sister.join("plugin.wasm")).unwrap();
    // Newer than the sources that were just copied.
    std::fs::write(sister.join("plugin.wasm"), built).unwrap();
    std::fs::remove_file(sister.join("tests/send.expected.json")).unwrap();
    plugin(&sister, &["test", "--update"]).await.good();
    let read = |folder: &Path| std::fs::read_to_string(folder.join("tests/send.expected.json")).unwrap();
    assert_eq!(
        read(&sister),
        read(&example),
        "the example's record is the one of the plugin in Rust"
    );
    let said = plugin(&example, &["test"]).await.good();
    assert!(said.contains("1 scenarios as expected, 0 not"), "{said}");
}
