//! Every template compiles untouched, passes its own scenarios, and does the same in every language.

use std::path::Path;

use crate::support::{bench, has_node, plugin};

const KINDS: [&str; 5] = ["fuel", "orders", "sms", "payouts", "automation"];
/// The engine in a plugin in JavaScript takes the sandbox's compiler half a minute where that is not optimized itself, so the
/// short share has the one kind whose scenarios also meet a gateway that does not answer.
const KINDS_IN_SHORT: [&str; 1] = ["sms"];

/// Makes, builds and tests one of each kind.
async fn made(folder: &Path, language: &str, kinds: &[&str]) {
    for kind in kinds {
        let name = format!("my-{kind}");
        plugin(folder, &["new", &name, "--kind", kind, "--lang", language])
            .await
            .good();
        let own = folder.join(&name);
        // One compiler for all of them, fetched once.
        let (shared, modules) = (folder.join("node_modules"), own.join("node_modules"));
        if shared.exists() {
            std::fs::rename(&shared, &modules).unwrap();
        }
        let said = plugin(&own, &["build", "--quiet"]).await.good();
        assert!(said.contains("plugin.wasm") && said.contains("log"), "{said}");
        let said = plugin(&own, &["test"]).await.good();
        assert!(said.contains("scenarios as expected, 0 not"), "{said}");
        assert!(said.contains("host calls"), "{said}");
        if modules.exists() {
            std::fs::rename(&modules, &shared).unwrap();
        }
    }
}

#[tokio::test]
async fn templates_in_rust_compile_untouched_and_do_what_they_should() {
    made(&bench("rust").unwrap(), "rust", &KINDS).await;
}

#[tokio::test]
async fn templates_in_javascript_do_exactly_the_same() {
    if has_node() {
        let long = std::env::var_os("BARQ_LONG_TESTS").is_some();
        let kinds = if long { &KINDS[..] } else { &KINDS_IN_SHORT };
        made(&bench("javascript").unwrap(), "javascript", kinds).await;
    }
}
