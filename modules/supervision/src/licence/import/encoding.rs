//! Which encoding a text file is in, found from its bytes: UTF-8 with or without a mark, or GB18030.

use std::io::{BufRead, Read};

use encoding_rs::{DecoderResult, GB18030};

use super::limits::LINE_BYTES;

/// The encodings that registers come in. GBK and GB 2312 are parts of GB18030.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Gb18030,
}

/// A line of the file without its end, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Text(String),
    /// Bytes that are no text; what could be made of them.
    Undecodable(String),
    /// Longer than a line may be.
    TooLong,
}

impl Encoding {
    /// The name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
        }
    }

    /// The encoding in which fewer lines make no sense; UTF-8 if both do equally well, as with plain ASCII.
    /// `open` gives the file from its beginning; a sound UTF-8 file is read only once.
    ///
    /// # Errors
    /// Reading fails.
    pub fn detect<R: BufRead, E: From<std::io::Error>>(open: impl Fn() -> Result<R, E>) -> Result<Self, E> {
        let no_utf8 = count(open()?, |bytes| std::str::from_utf8(bytes).is_err())?;
        if no_utf8 == 0 {
            return Ok(Self::Utf8);
        }
        let no_gb18030 = count(open()?, |bytes| Self::Gb18030.decode(bytes).is_err())?;
        Ok(if no_gb18030 < no_utf8 { Self::Gb18030 } else { Self::Utf8 })
    }

    /// The text, or as `Err` what could be made of it with signs for what could not.
    fn decode(self, bytes: &[u8]) -> Result<String, String> {
        if self == Self::Utf8 {
            return std::str::from_utf8(bytes)
                .map(str::to_owned)
                .map_err(|_| String::from_utf8_lossy(bytes).into_owned());
        }
        let encoding = GB18030;
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let longest =
            decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 3);
        let mut text = String::with_capacity(longest);
        match decoder.decode_to_string_without_replacement(bytes, &mut text, true).0 {
            DecoderResult::InputEmpty => Ok(text),
            _ => Err(encoding.decode_without_bom_handling(bytes).0.into_owned()),
        }
    }
}

fn count(reader: impl BufRead, is_nonsense: impl Fn(&[u8]) -> bool) -> std::io::Result<u64> {
    let mut lines = RawLines::new(reader);
    let mut found = 0;
    while let Some(raw) = lines.next_raw()? {
        found += u64::from(raw.is_some_and(&is_nonsense));
    }
    Ok(found)
}

/// The lines of a file in one encoding. A line end inside a character does not occur: 0x0A is no trail byte of GB18030.
pub struct Lines<R> {
    raw: RawLines<R>,
    encoding: Encoding,
    first: bool,
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R, encoding: Encoding) -> Self {
        Self { raw: RawLines::new(reader), encoding, first: true }
    }

    /// The next line, `None` at the end.
    ///
    /// # Errors
    /// Reading fails.
    pub fn next_line(&mut self) -> std::io::Result<Option<Line>> {
        let first = std::mem::take(&mut self.first);
        let encoding = self.encoding;
        Ok(self.raw.next_raw()?.map(|raw| match raw.map(|bytes| encoding.decode(bytes)) {
            None => Line::TooLong,
            Some(Err(guess)) => Line::Undecodable(guess),
            Some(Ok(text)) if first => {
                Line::Text(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
            }
            Some(Ok(text)) => Line::Text(text),
        }))
    }
}

/// Lines as bytes; the inner `None` stands for a line that is too long and was skipped.
struct RawLines<R> {
    reader: R,
    buffer: Vec<u8>,
}

impl<R: BufRead> RawLines<R> {
    fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new() }
    }

    fn next_raw(&mut self) -> std::io::Result<Option<Option<&[u8]>>> {
        self.buffer.clear();
        let most = LINE_BYTES as u64 + 2;
        if self.reader.by_ref().take(most).read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        if self.buffer.len() > LINE_BYTES && self.buffer.last() != Some(&b'\n') {
            self.skip_line()?;
            return Ok(Some(None));
        }
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        Ok(Some(Some(line.strip_suffix(b"\r").unwrap_or(line))))
    }

    fn skip_line(&mut self) -> std::io::Result<()> {
        loop {
            let (used, ended) = match self.reader.fill_buf()? {
                [] => return Ok(()),
                bytes => bytes
                    .iter()
                    .position(|byte| *byte == b'\n')
                    .map_or((bytes.len(), false), |end| (end + 1, true)),
            };
            self.reader.consume(used);
            if ended {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn detect(bytes: &[u8]) -> Encoding {
        Encoding::detect(|| Ok::<_, std::io::Error>(bytes)).unwrap()
    }

    fn lines(bytes: &[u8]) -> Vec<Line> {
        let mut lines = Lines::new(bytes, detect(bytes));
        std::iter::from_fn(|| lines.next_line().unwrap()).collect()
    }

    fn text(line: &str) -> Line {
        Line::Text(line.to_owned())
    }

    #[test]
    fn the_mark_at_the_beginning_is_no_part_of_the_first_heading() {
        assert_eq!(lines("\u{feff}许可证号\r\n西塘镇".as_bytes()), [text("许可证号"), text("西塘镇")]);
    }

    #[test]
    fn a_gb18030_file_with_rare_characters_is_read() {
        let (bytes, _, _) = GB18030.encode("许可证号,名称\n330421100001,㐀𠮷食杂店\n");
        assert_eq!(detect(&bytes), Encoding::Gb18030);
        assert_eq!(lines(&bytes)[1], text("330421100001,㐀𠮷食杂店"));
    }

    #[test]
    fn one_spoilt_line_does_not_turn_the_whole_file() {
        let mut bytes = "嘉善县\n西塘镇\n天凝镇\n".as_bytes().to_vec();
        bytes.extend([0xff, 0xfe, b'\n']);
        bytes.extend("干窑镇\n".as_bytes());
        assert_eq!(detect(&bytes), Encoding::Utf8);
        assert!(matches!(lines(&bytes)[3], Line::Undecodable(_)));
        assert_eq!(lines(&bytes)[4], text("干窑镇"));
    }

    #[test]
    fn an_endless_line_is_skipped_and_the_next_one_read() {
        let mut bytes = vec![b'a'; LINE_BYTES * 3];
        bytes.extend(b"\nnext\n");
        assert_eq!(lines(&bytes), [Line::TooLong, text("next")]);
    }

    proptest! {
        #[test]
        fn chinese_text_is_read_in_both_encodings(rows in proptest::collection::vec("[一-龥a-z0-9,]{1,30}", 3..20)) {
            prop_assume!(rows.iter().any(|row| !row.is_ascii()));
            let whole = rows.join("\n");
            let expected: Vec<_> = rows.iter().map(|row| text(row)).collect();
            prop_assert_eq!(&lines(whole.as_bytes()), &expected);
            let (bytes, _, _) = GB18030.encode(&whole);
            // A few short texts are sound in both encodings; three rows of words practically never are.
            if detect(&bytes) == Encoding::Gb18030 {
                prop_assert_eq!(&lines(&bytes), &expected);
            } else {
                prop_assert!(std::str::from_utf8(&bytes).is_ok());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = lines(&bytes);
        }
    }
}
