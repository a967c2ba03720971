//! Randomness as a port. Implementations must be cryptographically strong: tokens and codes come
//! from here.

/// A source of random bytes.
pub trait Random: Send + Sync {
    fn fill(&self, out: &mut [u8]);
}

/// `N` random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut out = [0u8; N];
    random.fill(&mut out);
    out
}

/// A decimal code of `length` digits, each equally likely (rejection sampling).
pub fn digits(random: &dyn Random, length: usize) -> String {
    let mut code = String::with_capacity(length);
    while code.len() < length {
        let [byte] = bytes::<1>(random);
        if byte < 250 {
            code.push(char::from(b'0' + byte % 10));
        }
    }
    code
}

/// 256 random bits as URL-safe text.
pub fn token(random: &dyn Random) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes::<32>(random))
}
