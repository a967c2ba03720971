//! Photos as phones send them: a JPEG that says where it was taken and that it lies on its side.

use image::{ColorType, codecs::jpeg::JpegEncoder};

/// A picture of `width` × `height` with EXIF orientation 6 and GPS coordinates. The text
/// `GPS-CANARY` stands in the EXIF block too, so that a search finds any left-over.
pub fn jpeg_with_gps(width: u32, height: u32) -> Vec<u8> {
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 128]))
        .collect();
    let mut plain = Vec::new();
    JpegEncoder::new_with_quality(&mut plain, 85)
        .encode(&pixels, width, height, ColorType::Rgb8.into())
        .expect("a picture encodes");
    with_app1(&plain, &exif())
}

/// Puts an EXIF segment right behind the start-of-image marker.
fn with_app1(jpeg: &[u8], exif: &[u8]) -> Vec<u8> {
    let (start, rest) = jpeg.split_at(2);
    let length = u16::try_from(exif.len() + 2).expect("a short segment");
    [start, &[0xff, 0xe1], &length.to_be_bytes(), exif, rest].concat()
}

/// `Exif`, a big-endian TIFF header, IFD0 (make, orientation, GPS pointer) and a GPS IFD for
/// Jining.
fn exif() -> Vec<u8> {
    let mut tiff = Vec::from(*b"MM\0\x2a\0\0\0\x08");
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [
            &tag.to_be_bytes()[..],
            &kind.to_be_bytes(),
            &count.to_be_bytes(),
            &value,
        ]
        .concat()
    };
    // IFD0 is 2 + 3 × 12 + 4 bytes at offset 8: the make's text follows at 50, the GPS IFD at 62.
    tiff.extend(3u16.to_be_bytes());
    tiff.extend(entry(0x010f, 2, 11, 50u32.to_be_bytes()));
    tiff.extend(entry(0x0112, 3, 1, [0, 6, 0, 0]));
    tiff.extend(entry(0x8825, 4, 1, 62u32.to_be_bytes()));
    tiff.extend([0; 4]);
    tiff.extend(b"GPS-CANARY\0\0");
    // GPS IFD: 2 + 4 × 12 + 4 bytes at 62, rationals at 116 and 140.
    tiff.extend(4u16.to_be_bytes());
    tiff.extend(entry(1, 2, 2, *b"N\0\0\0"));
    tiff.extend(entry(2, 5, 3, 116u32.to_be_bytes()));
    tiff.extend(entry(3, 2, 2, *b"E\0\0\0"));
    tiff.extend(entry(4, 5, 3, 140u32.to_be_bytes()));
    tiff.extend([0; 4]);
    for degrees in [[35u32, 24, 54], [116, 35, 24]] {
        tiff.extend(
            degrees
                .iter()
                .flat_map(|part| [part.to_be_bytes(), 1u32.to_be_bytes()].concat()),
        );
    }
    [b"Exif\0\0".to_vec(), tiff].concat()
}

#[cfg(test)]
mod tests {
    use image::{ImageDecoder, ImageReader, metadata::Orientation};

    #[test]
    fn the_picture_lies_on_its_side_and_says_where() {
        let bytes = super::jpeg_with_gps(64, 48);
        let mut decoder = ImageReader::new(std::io::Cursor::new(&bytes))
            .with_guessed_format()
            .unwrap()
            .into_decoder()
            .unwrap();
        assert_eq!(decoder.orientation().unwrap(), Orientation::Rotate90);
        assert!(bytes.windows(10).any(|window| window == b"GPS-CANARY"));
    }
}
