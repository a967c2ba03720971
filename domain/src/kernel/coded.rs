//! Closed lists whose members have a code on the wire and in the database, and, where people read
//! them, a Chinese label.

/// Declares a closed list: `Name { Variant "code" "标签", … }`, or without labels.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$doc:meta])* $variant:ident $code:literal $label:literal,)*
    }) => {
        coded! { $(#[$meta])* $name { $($(#[$doc])* $variant $code,)* } }

        impl $name {
            /// What people read.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// On the wire and in the database.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

pub(crate) use coded;
