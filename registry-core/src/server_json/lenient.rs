//! Documents that an upstream registry has already accepted.
