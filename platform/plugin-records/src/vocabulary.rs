//! Enumerations whose names are the same in tables, in JSON and in Rust.

macro_rules! vocabulary {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$case_meta:meta])* $case:ident = $text:literal),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {
            $($(#[$case_meta])* #[serde(rename = $text)] $case),+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The name used in tables and in JSON.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$case => $text),+
                }
            }
        }
    };
}

pub(crate) use vocabulary;
