//! Invented people: valid ID numbers, phones and names that belong to nobody.

use std::sync::{
    LazyLock,
    atomic::{AtomicU32, Ordering},
};

use niangjia_domain::kernel::{Random, ports::random};
use niangjia_infra::system::SystemRandom;

/// Counts people, from anywhere: numbers that were drawn met once in a while, and a person whom
/// somebody else is already cannot join.
static NEXT: LazyLock<AtomicU32> =
    LazyLock::new(|| AtomicU32::new(u32::from_be_bytes(random::bytes(&SystemRandom))));

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// A person to fill in forms with.
#[derive(Debug, Clone)]
pub struct Invented {
    pub name: String,
    pub id_number: String,
    pub phone: String,
}

impl Invented {
    /// A grown-up of Rencheng whom nobody has met before.
    pub fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self {
            name: format!("测{}", surname(number)),
            id_number: id_number("370811", number),
            phone: format!("1{}{}", 3 + number % 7, random::digits(&SystemRandom, 9)),
        }
    }
}

impl Default for Invented {
    fn default() -> Self {
        Self::new()
    }
}

/// One of ten million different ID numbers of a place, with a right check character.
pub fn id_number(place: &str, n: u32) -> String {
    let (year, month, day, order) = (
        1970 + n % 30,
        1 + n / 30 % 12,
        1 + n / 360 % 28,
        n / 10_080 % 1_000,
    );
    let body = format!("{place}{year}{month:02}{day:02}{order:03}");
    let sum: u32 = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// Sixteen hexadecimal digits that no other run has.
pub fn token() -> String {
    let mut bytes = [0; 8];
    SystemRandom.fill(&mut bytes);
    hex::encode(bytes)
}

fn surname(number: u32) -> char {
    "赵钱孙李周吴郑王冯陈"
        .chars()
        .nth((number % 10) as usize)
        .unwrap_or('赵')
}
