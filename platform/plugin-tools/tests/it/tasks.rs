//! What the commands refuse, and how they say it.

use std::path::Path;

use platform_plugin_host::WorkerCommand;

use crate::support::{bench, plugin, plugin_in};

fn change(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} has no {from}", file.display());
    std::fs::write(file, text.replace(from, to)).unwrap();
}

#[tokio::test]
async fn names_that_cannot_be_are_refused() {
    let folder = bench("names").unwrap();
    for name in ["My", "a b", "-a", "serde", ""] {
        let words = plugin(&folder, &["new", "--", name]).await.bad();
        assert!(words.contains("name"), "{name}: {words}");
    }
    plugin(&folder, &["new", "again"]).await.good();
    assert!(
        plugin(&folder, &["new", "again"])
            .await
            .bad()
            .contains("is there already")
    );
}

#[tokio::test]
async fn outside_of_a_plugin_it_is_said_what_to_do() {
    let folder = bench("nothing").unwrap();
    for words in [
        &["build"][..],
        &["test"],
        &["run", "lifecycle.check"],
        &["pack"],
        &["sign"],
        &["sdk"],
    ] {
        let said = plugin(&folder, words).await.bad();
        assert!(said.contains("barq plugin new NAME"), "{words:?}: {said}");
    }
}

#[tokio::test]
async fn faults_of_an_author_are_told_with_place_and_remedy() {
    let folder = bench("faults").unwrap();
    plugin(&folder, &["new", "my-alerts", "--kind", "automation"])
        .await
        .good();
    let own = folder.join("my-alerts");
    // Before anything is compiled.
    change(&own.join("plugin.toml"), "api = \"1.0\"", "api = \"7.0\"");
    let said = plugin(&own, &["build", "--quiet"]).await.bad();
    assert!(
        said.contains("plugin.toml: api: this server speaks barq:plugin 1.0"),
        "{said}"
    );
    change(&own.join("plugin.toml"), "api = \"7.0\"", "api = \"1.0\"");
    assert!(plugin(&own, &["pack"]).await.bad().contains("barq plugin build"));
    // What the component imports is not asked for.
    change(&own.join("plugin.toml"), "keeps_state = true\n", "");
    let said = plugin(&own, &["build", "--quiet"]).await.bad();
    assert!(
        said.contains("imports barq:plugin/kv, but plugin.toml has no keeps_state = true"),
        "{said}"
    );
    change(&own.join("plugin.toml"), "effects =", "keeps_state = true\neffects =");
    // What is listed is not exported.
    change(
        &own.join("src/lib.rs"),
        "lifecycle, events, schedule, webhook",
        "lifecycle, events, schedule",
    );
    let said = plugin(&own, &["build", "--quiet"]).await.bad();
    assert!(said.contains("lists \"webhook\" under exports"), "{said}");
    change(
        &own.join("src/lib.rs"),
        "lifecycle, events, schedule",
        "lifecycle, events, schedule, webhook",
    );
    // What the compiler says is passed on.
    change(&own.join("src/lib.rs"), "struct Plugin;", "struct Plugin");
    assert!(plugin(&own, &["build", "--quiet"]).await.bad().contains("src/lib.rs"));
    change(&own.join("src/lib.rs"), "struct Plugin", "struct Plugin;");
    // A scenario that does not come out is told by its place, and the command fails.
    change(&own.join("tests/day.toml"), "Gate open", "Gate closed");
    let said = plugin(&own, &["test"]).await.bad();
    assert!(said.contains("FAIL") && said.contains("/steps/4/answer"), "{said}");
    assert!(said.contains("barq plugin test --update"), "{said}");
    // A sandbox that ends by itself is nobody's expectation.
    let expected = own.join("tests/day.expected.json");
    let before = std::fs::read(&expected).unwrap();
    let broken = WorkerCommand {
        program: "false".into(),
        args: Vec::new(),
    };
    let said = plugin_in(&broken, &own, &["test", "--update"]).await.bad();
    assert!(
        said.contains("step 1, events.handle") && said.contains("run it again"),
        "{said}"
    );
    assert_eq!(before, std::fs::read(&expected).unwrap());
    plugin(&own, &["test", "--update"]).await.good();
    plugin(&own, &["test"]).await.good();
}

#[tokio::test]
async fn a_package_is_packed_signed_and_changed_by_nobody() {
    let folder = bench("package").unwrap();
    plugin(&folder, &["new", "my-bank", "--kind", "payouts"]).await.good();
    let own = folder.join("my-bank");
    plugin(&own, &["build", "--quiet"]).await.good();
    let file = own.join("my-bank-0.1.0.barq");
    plugin(&own, &["pack"]).await.good();
    let first = std::fs::read(&file).unwrap();
    plugin(&own, &["pack"]).await.good();
    assert_eq!(
        first,
        std::fs::read(&file).unwrap(),
        "the same plugin is the same package"
    );

    assert!(plugin(&own, &["sign"]).await.bad().contains("barq plugin keygen"));
    let said = plugin(&own, &["keygen"]).await.good();
    assert!(said.contains("public-key"), "{said}");
    assert!(plugin(&own, &["keygen"]).await.bad().contains("is there already"));
    let key = own.join("publisher.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "only its owner reads the key");
    plugin(&own, &["sign"]).await.good();

    let public = std::fs::read_to_string(own.join("publisher.key.pub")).unwrap();
    let line = format!("[[key]]\npublisher = \"Me\"\npublic-key = \"{}\"\n", public.trim());
    let keys = platform_plugin_package::TrustedKeys::parse(&line).unwrap();
    let package = platform_plugin_package::Package::read(&std::fs::read(&file).unwrap()).unwrap();
    assert!(
        format!("{:?}", package.trust(&keys)).contains("Me"),
        "{:?}",
        package.trust(&keys)
    );
    // A server is asked for nothing until the author agrees.
    let words = ["install", "--server", "http://127.0.0.1:9", "--api-key", "k"];
    let said = plugin(&own, &words).await.bad();
    assert!(said.contains("--grant"), "{said}");
    let said = plugin(&own, &[&words[..], &["--grant"]].concat()).await.bad();
    assert!(said.contains("Is the server running"), "{said}");
}
