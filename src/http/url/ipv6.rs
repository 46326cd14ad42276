//! IPv6 addresses (RFC 4291 section 2.2). By hand: the standard library's parser is larger.

use alloc::vec::Vec;

use crate::encoding::number::digits;
use crate::encoding::text::{parts, split};
use crate::http::url::is_plain_ipv4;

/// The groups of an address in brackets; one 0 is what `::` stands for.
pub(crate) fn ipv6(host: &str) -> Option<Vec<u64>> {
    let text = host.strip_prefix("[")?.strip_suffix("]")?;
    let mut groups = Vec::new();
    let Some((head, tail)) = split(text, "::") else {
        push_groups(&mut groups, text, true)?;
        return (groups.len() == 8).then_some(groups);
    };
    if !head.is_empty() {
        push_groups(&mut groups, head, false)?;
    }
    groups.push(0);
    if !tail.is_empty() {
        push_groups(&mut groups, tail, true)?;
    }
    (groups.len() <= 8).then_some(groups)
}

/// ::1, however it is written.
pub(crate) fn is_ipv6_loopback(host: &str) -> bool {
    ipv6(host).is_some_and(|groups| groups.last() == Some(&1) && groups.iter().sum::<u64>() == 1)
}

fn push_groups(groups: &mut Vec<u64>, text: &str, ends_address: bool) -> Option<()> {
    let mut is_at_end = false;
    for group in parts(text, ":") {
        if is_at_end {
            return None;
        }
        if ends_address && is_plain_ipv4(group) {
            let number = parts(group, ".").filter_map(digits).fold(0, |number, byte| number << 8 | byte);
            groups.extend([number >> 16, number & 0xffff]);
            is_at_end = true;
        } else if (1..=4).contains(&group.len()) {
            let add = |number, digit: char| Some(number << 4 | u64::from(digit.to_digit(16)?));
            groups.push(group.chars().try_fold(0, add)?);
        } else {
            return None;
        }
    }
    Some(())
}
