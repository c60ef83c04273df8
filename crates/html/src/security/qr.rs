//! QR codes, drawn as one path: browsers scale it without blurring, and no image is fetched.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};

/// Light modules around the code, as readers want them (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// A QR code as the parts of an SVG.
pub(super) struct QrCode {
    /// How many modules it is wide and high, with the quiet zone.
    pub(super) size: usize,
    /// The dark modules.
    pub(super) path: String,
}

impl QrCode {
    /// The code of a text that is short enough for one; a URL for an authenticator is.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for row in 0..code.size {
            let mut column = 0;
            while column < code.size {
                if !code[row][column].value() {
                    column += 1;
                    continue;
                }
                // Dark modules beside each other are one stroke.
                let begin = column;
                while column < code.size && code[row][column].value() {
                    column += 1;
                }
                let (x, y, width) = (begin + QUIET_ZONE, row + QUIET_ZONE, column - begin);
                let written = write!(path, "M{x} {y}h{width}v1h-{width}z");
                written.expect("a text takes whatever is written into it");
            }
        }
        Some(Self {
            size: code.size + 2 * QUIET_ZONE,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a camera reads that sees eight pixels for each module.
    fn photographed(code: &QrCode) -> String {
        let mut dark = vec![vec![false; code.size]; code.size];
        for stroke in code.path.split('z').filter(|stroke| !stroke.is_empty()) {
            let numbers: Vec<usize> = stroke
                .split(|character: char| !character.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            let [x, y, width, 1, back] = numbers.as_slice() else {
                panic!("{stroke}")
            };
            assert_eq!(width, back);
            for module in &mut dark[*y][*x..x + width] {
                *module = true;
            }
        }
        let side = code.size * 8;
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
            if dark[y / 8][x / 8] { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        let [grid] = grids.as_slice() else {
            panic!("{} codes were found", grids.len())
        };
        let (_, read) = grid.decode().expect("it can be read");
        read
    }

    #[test]
    fn what_is_drawn_is_read_back() {
        let longest = format!(
            "otpauth://totp/{host}:{login}?secret={secret}&issuer={host}",
            host = "tokens.a-rather-long-name.of-a-department.example.org",
            login = "a".repeat(39),
            secret = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        );
        for text in [
            "otpauth://totp/Counterfoil:mona?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Counterfoil",
            &longest,
        ] {
            let code = QrCode::of(text).expect("it is short enough");
            assert_eq!(photographed(&code), text);
        }
    }

    #[test]
    fn a_text_that_is_too_long_for_a_code_has_none() {
        assert!(QrCode::of(&"a".repeat(5_000)).is_none());
    }
}
