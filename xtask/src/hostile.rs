//! The catalogue of hostile plugins: which checks the suite of the sandbox has to speak of.

/// Every check and what it is about.
pub const CATALOGUE: [(&str, &str); 12] = [
    ("P1", "guests that never end"),
    ("P2", "memory, tables, globals, data"),
    ("P3", "floods of output, log and values"),
    ("P4", "malformed uploads and answers, proposals that are off"),
    ("P5", "imports that nobody granted"),
    ("P6", "other organizations' data"),
    ("P7", "calls to inside"),
    ("P8", "effects of calls that failed"),
    ("P9", "the worker's death"),
    ("P10", "code that broke out"),
    ("P11", "honest neighbours"),
    ("P12", "version of the runtime"),
];

/// The crate whose tests speak, and those of its tests that do.
pub const PACKAGE: &str = "platform-plugin-host";
pub const TESTS: &str = "test(/^hostile::/) or test(/^(artefacts|slots|spawn|process|guard)::/) or test(/^worker::/)";
