//! What the functions give.

use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::time::Timestamp;
use crate::schema::given::result;

result! {
    /// What a form request holds besides its address.
    Form {
        authorization: Option<String>,
        body: String,
    }
}

result! {
    /// A token as its endpoint gave it. `expiresAt` is in ms since 1970.
    TokenFields {
        access_token: String,
        scope: Option<String>,
        has_other_members: bool,
        expires_at: Option<Timestamp>,
    }
}

result! {
    /// The endpoints of a server that can be used.
    Endpoints {
        token_endpoint: Option<String>,
        introspection_endpoint: Option<String>,
        revocation_endpoint: Option<String>,
        jwks_uri: Option<String>,
    }
}

result! {
    /// Whether a token is expired.
    Expiry {
        is_expired: bool,
    }
}

result! {
    /// Whether a token is active, and its scopes, separated by spaces.
    Activity {
        is_active: bool,
        scope: Option<String>,
    }
}

result! {
    /// A private key. `pkcs8` is base64, `expiresAt` in ms since 1970.
    KeyFields {
        pkcs8: String,
        algorithm: String,
        key_id: Option<String>,
        user_id: Option<String>,
        client_id: Option<String>,
        expires_at: Option<Timestamp>,
    }
}

result! {
    /// A key set. `keys` is a JSON list of `{ keyId?, algorithms, jwk }`, `maxAge` in ms.
    KeySetFields {
        keys: String,
        max_age: Option<u64>,
    }
}

result! {
    /// Places in a list of keys, and whether others fit too.
    ChosenKeys {
        places: Vec<usize>,
        is_cut: bool,
    }
}

result! {
    /// The header of a JWT, and how many bytes a signature by its algorithm has.
    HeaderFields {
        algorithm: String,
        is_at_jwt: bool,
        shortest_signature: u64,
        longest_signature: u64,
    }
}

result! {
    /// The claims of a token as JSON, its scopes, separated by spaces, and whether it says whom it
    /// is meant for.
    JudgedClaims {
        names_audience: bool,
        scope: Option<String>,
        claims: String,
    }
}

result! {
    /// Whether a name may be shown.
    Plainness {
        is_plain: bool,
    }
}
