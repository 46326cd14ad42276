//! Access tokens that are JWTs, their claims, and the key sets that verify them.

pub(crate) mod audience;
pub(crate) mod claims;
pub(crate) mod compact;
pub(crate) mod issuer;
pub(crate) mod judge;
pub(crate) mod jwks;
pub(crate) mod requirements;
pub(crate) mod scope;
pub(crate) mod token_kind;
