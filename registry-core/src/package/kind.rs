//! The types of packages whose ownership can be proved.

use std::fmt;
use std::str::FromStr;

/// A type of package, as `registryType` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackageKind {
    /// A package of the npm registry.
    Npm,
    /// A package of the Python Package Index.
    Pypi,
    /// A package of NuGet.
    Nuget,
    /// A container image.
    Oci,
    /// A bundle for download.
    Mcpb,
    /// A crate.
    Cargo,
}

impl PackageKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Npm, Self::Pypi, Self::Nuget, Self::Oci, Self::Mcpb, Self::Cargo];

    /// The word for it in documents; short and stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
            Self::Nuget => "nuget",
            Self::Oci => "oci",
            Self::Mcpb => "mcpb",
            Self::Cargo => "cargo",
        }
    }

    /// The base URL of its public registry; none where each package names its own host.
    pub fn public_base(self) -> Option<&'static str> {
        match self {
            Self::Npm => Some(super::npm::PUBLIC_BASE),
            Self::Pypi => Some(super::pypi::PUBLIC_BASE),
            Self::Nuget => Some(super::nuget::PUBLIC_BASE),
            Self::Cargo => Some(super::cargo::PUBLIC_BASE),
            Self::Oci | Self::Mcpb => None,
        }
    }
}

/// A word that names no type of package.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unsupported registry type: {0}")]
pub struct UnsupportedKind(String);

impl FromStr for PackageKind {
    type Err = UnsupportedKind;

    fn from_str(text: &str) -> Result<Self, UnsupportedKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnsupportedKind(super::refusal::shortened(text)))
    }
}

impl fmt::Display for PackageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_leads_back_to_its_type_and_no_other_does() {
        for kind in PackageKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for text in ["", "NPM", "docker", "npm "] {
            assert_eq!(text.parse::<PackageKind>(), Err(UnsupportedKind(text.to_owned())), "{text}");
        }
    }
}
