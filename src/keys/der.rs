//! DER (ITU-T X.690) as far as private keys need it: a reader that stays inside its bytes, and a
//! writer.

use alloc::vec::Vec;

use zeroize::Zeroizing;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;

/// `[number]`, explicitly tagged.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// What is left to be read.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    /// The content of the next element, if it has this tag; else nothing is consumed.
    pub(crate) fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_first()?;
        let (length, rest) = split_length(rest)?;
        let (content, rest) = rest.split_at_checked(length)?;
        (*found == tag).then(|| {
            self.0 = rest;
            content
        })
    }

    pub(crate) fn sequence(&mut self) -> Option<Reader<'a>> {
        self.next(SEQUENCE).map(Reader)
    }

    /// An integer that is not negative, without zeros in front: 0 is empty.
    pub(crate) fn integer(&mut self) -> Option<&'a [u8]> {
        let content = self.next(INTEGER)?;
        content.first().filter(|first| **first < 0x80)?;
        Some(significant(content))
    }
}

/// Up to 65,535 bytes: sixty times what a key takes. Lengths that are not known in advance (0x80)
/// are no DER.
fn split_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [length @ 0..=0x7f, rest @ ..] => Some((usize::from(*length), rest)),
        [0x81, length, rest @ ..] => Some((usize::from(*length), rest)),
        [0x82, high, low, rest @ ..] => Some((usize::from(u16::from_be_bytes([*high, *low])), rest)),
        _ => None,
    }
}

/// Without the zeros in front.
pub(crate) fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.split_at_checked(zeros).map_or(number, |(_, rest)| rest)
}

/// An element whose content is the parts, one after the other. The caller bounds them: a length has
/// two bytes at most.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    // At its full size from the start, so that nothing is left behind in memory by growing.
    let mut out = Zeroizing::new(Vec::with_capacity(length.saturating_add(4)));
    out.push(tag);
    match length {
        0..=0x7f => out.push(low),
        0x80..=0xff => out.extend([0x81, low]),
        _ => out.extend([0x82, high, low]),
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// An integer that is not negative.
pub(crate) fn integer(number: &[u8]) -> Zeroizing<Vec<u8>> {
    let number = significant(number);
    let reads_as_negative = number.first().is_none_or(|first| *first >= 0x80);
    element(INTEGER, &[if reads_as_negative { &[0] } else { &[] }, number])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_up_to_three_bytes() {
        for (length, header) in [
            (0, &[4, 0][..]),
            (127, &[4, 127]),
            (128, &[4, 0x81, 128]),
            (255, &[4, 0x81, 255]),
            (256, &[4, 0x82, 1, 0]),
            (65_535, &[4, 0x82, 255, 255]),
        ] {
            let content = vec![7; length];
            let der = element(OCTET_STRING, &[&content]);
            assert!(der.starts_with(header), "{length}");
            let mut reader = Reader(&der);
            assert_eq!(reader.next(SEQUENCE), None);
            assert_eq!(reader.next(OCTET_STRING), Some(&content[..]));
            assert_eq!(reader.next(OCTET_STRING), None);
        }
    }

    #[test]
    fn integers_are_never_negative() {
        for (number, der) in [
            (&[][..], &[2, 1, 0][..]),
            (&[0, 0], &[2, 1, 0]),
            (&[0, 0x7f], &[2, 1, 0x7f]),
            (&[0x80], &[2, 2, 0, 0x80]),
            (&[1, 0, 1], &[2, 3, 1, 0, 1]),
        ] {
            assert_eq!(*integer(number), der);
            assert_eq!(Reader(der).integer(), Some(significant(number)));
        }
        assert_eq!(Reader(&[2, 1, 0x80]).integer(), None);
        assert_eq!(Reader(&[2, 0]).integer(), None);
    }

    #[test]
    fn what_is_cut_off_is_not_read() {
        for bytes in [
            &[][..],
            &[4],
            &[4, 1],
            &[4, 0x80, 0, 0],
            &[4, 0x81],
            &[4, 0x82, 0],
            &[4, 0x83, 0, 0, 1, 7],
            &[4, 0x81, 2, 7],
        ] {
            assert_eq!(Reader(bytes).next(OCTET_STRING), None, "{bytes:?}");
        }
    }
}
