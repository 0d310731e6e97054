//! The objects of a `server.json` and of a status change, member by member: the one description that
//! [`shape`](super::shape) and [`lenient`](super::lenient) walk.

use serde_json::{Map, Value};

use super::PUBLISHER_PROVIDED;
use super::address::Address;
use super::rules::Rule;
use super::rules::table::{S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15, S16, S17, S18};

/// An object and what it may hold. Nothing else stands in it.
pub(super) struct Object {
    pub(super) members: &'static [Member],
    /// The rule that a missing member breaks.
    pub(super) missing: &'static Rule,
    /// The rule that an unknown member of this name breaks.
    pub(super) unexpected: fn(&str) -> &'static Rule,
}

/// A member of an object.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) kind: Kind,
    /// The rule that a value of another kind breaks.
    pub(super) rule: &'static Rule,
}

/// What a member may be.
pub(super) enum Kind {
    Text(&'static [(&'static Rule, Check)]),
    Flag,
    List(&'static Kind),
    Object(&'static Object),
    /// An object whose member names are free and whose values are all of one form.
    Map(&'static Object),
    /// An object with anything inside.
    Free,
}

/// What a text must look like.
pub(super) enum Check {
    /// At least so many code points.
    Min(usize),
    /// At most so many.
    Max(usize),
    Pattern(&'static str, fn(&str) -> bool),
    OneOf(&'static [&'static str]),
    Uri,
}

impl Member {
    pub(super) const fn new(name: &'static str, rule: &'static Rule, kind: Kind) -> Self {
        Self { name, required: false, kind, rule }
    }

    pub(super) const fn required(self) -> Self {
        Self { name: self.name, required: true, kind: self.kind, rule: self.rule }
    }

    /// The value of this member: names match in any case, of several spellings the last counts (contract 1.4).
    pub(super) fn of<'v>(&self, members: &'v Map<String, Value>) -> Option<(&'v str, &'v Value)> {
        let mut spelled = members.iter().rev().filter(|(name, _)| name.eq_ignore_ascii_case(self.name));
        spelled.next().map(|(name, value)| (name.as_str(), value))
    }
}

impl Object {
    pub(super) fn knows(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name.eq_ignore_ascii_case(name))
    }
}

impl Check {
    /// The contract's sentence about a text that fails.
    pub(super) fn problem(&self, text: &str) -> Option<String> {
        match self {
            Self::Min(least) => {
                (text.chars().count() < *least).then(|| format!("expected length >= {least}"))
            }
            Self::Max(most) => (text.chars().count() > *most).then(|| format!("expected length <= {most}")),
            Self::Pattern(pattern, holds) => {
                (!holds(text)).then(|| format!("expected string to match pattern {pattern}"))
            }
            Self::OneOf(words) => (!words.contains(&text))
                .then(|| format!("expected value to be one of \"{}\"", words.join(", "))),
            Self::Uri => Address::parse(text)
                .err()
                .map(|why| format!("expected string to be RFC 3986 uri: parse {text:?}: {why}")),
        }
    }
}

impl Kind {
    /// What a value of another kind is told.
    pub(super) fn expected(&self) -> &'static str {
        match self {
            Self::Text(_) => "expected string",
            Self::Flag => "expected boolean",
            Self::List(_) => "expected array",
            Self::Object(_) | Self::Map(_) | Self::Free => "expected object",
        }
    }
}

pub(super) const ANY_TEXT: Kind = Kind::Text(&[]);

/// The document.
pub(super) static SERVER: Object = Object {
    members: &[
        Member::new("$schema", &S2, Kind::Text(&[(&S2, Check::Min(1)), (&S2, Check::Uri)])).required(),
        Member::new(
            "name",
            &S3,
            Kind::Text(&[
                (&S3, Check::Min(3)),
                (&S3, Check::Max(200)),
                (&S4, Check::Pattern("^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", is_name)),
            ]),
        )
        .required(),
        Member::new("description", &S5, Kind::Text(&[(&S5, Check::Min(1)), (&S5, Check::Max(100))]))
            .required(),
        Member::new("title", &S6, Kind::Text(&[(&S6, Check::Min(1)), (&S6, Check::Max(100))])),
        Member::new("repository", &S8, Kind::Object(&REPOSITORY)),
        Member::new("version", &S7, ANY_TEXT).required(),
        Member::new("websiteUrl", &S8, Kind::Text(&[(&S8, Check::Uri)])),
        Member::new("icons", &S9, Kind::List(&Kind::Object(&ICON))),
        Member::new("packages", &S10, Kind::List(&Kind::Object(&PACKAGE))),
        Member::new("remotes", &S11, Kind::List(&Kind::Object(&TRANSPORT))),
        Member::new("_meta", &S16, Kind::Object(&META)),
    ],
    missing: &S1,
    unexpected: |_| &S17,
};

static REPOSITORY: Object = Object {
    members: &[
        Member::new("url", &S8, Kind::Text(&[(&S8, Check::Uri)])),
        Member::new("source", &S8, ANY_TEXT),
        Member::new("id", &S8, ANY_TEXT),
        Member::new("subfolder", &S8, ANY_TEXT),
    ],
    missing: &S8,
    unexpected: |_| &S17,
};

static ICON: Object = Object {
    members: &[
        Member::new("src", &S9, Kind::Text(&[(&S9, Check::Max(255)), (&S8, Check::Uri)])).required(),
        Member::new(
            "mimeType",
            &S9,
            Kind::Text(&[(
                &S9,
                Check::OneOf(&["image/png", "image/jpeg", "image/jpg", "image/svg+xml", "image/webp"]),
            )]),
        ),
        Member::new("sizes", &S9, Kind::List(&ANY_TEXT)),
        Member::new("theme", &S9, Kind::Text(&[(&S9, Check::OneOf(&["light", "dark"]))])),
    ],
    missing: &S9,
    unexpected: |_| &S17,
};

static PACKAGE: Object = Object {
    members: &[
        Member::new("registryType", &S10, Kind::Text(&[(&S10, Check::Min(1))])).required(),
        Member::new("registryBaseUrl", &S8, Kind::Text(&[(&S8, Check::Uri)])),
        Member::new("identifier", &S10, Kind::Text(&[(&S10, Check::Min(1))])).required(),
        Member::new("version", &S10, Kind::Text(&[(&S10, Check::Min(1))])),
        Member::new("fileSha256", &S10, Kind::Text(&[(&S10, Check::Pattern("^[a-f0-9]{64}$", is_sha256))])),
        Member::new("runtimeHint", &S10, ANY_TEXT),
        Member::new("transport", &S10, Kind::Object(&TRANSPORT)).required(),
        Member::new("runtimeArguments", &S13, Kind::List(&Kind::Object(&ARGUMENT))),
        Member::new("packageArguments", &S13, Kind::List(&Kind::Object(&ARGUMENT))),
        Member::new("environmentVariables", &S12, Kind::List(&Kind::Object(&KEY_VALUE))),
    ],
    missing: &S10,
    unexpected: |_| &S17,
};

static TRANSPORT: Object = Object {
    members: &[
        Member::new("type", &S11, ANY_TEXT).required(),
        Member::new("url", &S11, ANY_TEXT),
        Member::new("headers", &S12, Kind::List(&Kind::Object(&KEY_VALUE))),
        Member::new("variables", &S15, Kind::Map(&VARIABLE)),
    ],
    missing: &S11,
    unexpected: |_| &S17,
};

const FORMATS: Kind = Kind::Text(&[(&S14, Check::OneOf(&["string", "number", "boolean", "filepath"]))]);

/// An input inside `variables`: it has none of its own.
static VARIABLE: Object = Object {
    members: &INPUT,
    missing: &S15,
    unexpected: |name| if name.eq_ignore_ascii_case("variables") { &S15 } else { &S17 },
};

static INPUT: [Member; 8] = inputs();

const fn inputs() -> [Member; 8] {
    [
        Member::new("description", &S15, ANY_TEXT),
        Member::new("isRequired", &S15, Kind::Flag),
        Member::new("format", &S14, FORMATS),
        Member::new("value", &S15, ANY_TEXT),
        Member::new("isSecret", &S15, Kind::Flag),
        Member::new("default", &S15, ANY_TEXT),
        Member::new("placeholder", &S15, ANY_TEXT),
        Member::new("choices", &S15, Kind::List(&ANY_TEXT)),
    ]
}

static KEY_VALUE: Object = Object {
    members: &{
        let [a, b, c, d, e, f, g, h] = inputs();
        let variables = Member::new("variables", &S15, Kind::Map(&VARIABLE));
        [a, b, c, d, e, f, g, h, variables, Member::new("name", &S12, ANY_TEXT).required()]
    },
    missing: &S12,
    unexpected: |_| &S17,
};

static ARGUMENT: Object = Object {
    members: &{
        let [a, b, c, d, e, f, g, h] = inputs();
        let variables = Member::new("variables", &S15, Kind::Map(&VARIABLE));
        let kind = Member::new("type", &S13, ANY_TEXT).required();
        let name = Member::new("name", &S13, ANY_TEXT);
        let hint = Member::new("valueHint", &S13, ANY_TEXT);
        [a, b, c, d, e, f, g, h, variables, kind, name, hint, Member::new("isRepeated", &S15, Kind::Flag)]
    },
    missing: &S13,
    unexpected: |_| &S17,
};

static META: Object = Object {
    members: &[Member::new(PUBLISHER_PROVIDED, &S16, Kind::Free)],
    missing: &S16,
    unexpected: |_| &S16,
};

/// The body of a status change (S18).
pub(super) static STATUS: Object = Object {
    members: &[
        Member::new(
            "status",
            &S18,
            Kind::Text(&[(&S18, Check::OneOf(&["active", "deprecated", "deleted"]))]),
        )
        .required(),
        Member::new("statusMessage", &S18, Kind::Text(&[(&S18, Check::Max(500))])),
    ],
    missing: &S18,
    unexpected: |_| &S18,
};

fn is_name(text: &str) -> bool {
    let part = |part: &str, more: &[u8]| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
    };
    text.split_once('/').is_some_and(|(namespace, name)| part(namespace, b".-") && part(name, b"._-"))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
