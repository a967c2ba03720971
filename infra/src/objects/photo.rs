//! Making photos safe to show: the real type is sniffed from the bytes, size and memory are bounded
//! before anything is decoded, the picture is turned upright and written anew, so that no byte a
//! phone sent (EXIF, GPS, appended files) survives.

use std::{io::Cursor, sync::Arc};

use async_trait::async_trait;
use image::{
    DynamicImage, ImageBuffer, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb,
    RgbImage, codecs::jpeg::JpegEncoder, imageops::FilterType, metadata::Orientation,
};
use niangjia_domain::uploads::objects::{CleanPhoto, PhotoError, PhotoStudio};
use tokio::sync::Semaphore;

/// Longest side of an original, in pixels.
const MAX_SIDE: u32 = 12_000;
/// A 48-megapixel phone camera, and no more.
const MAX_PIXELS: u64 = 50_000_000;
const MAX_DECODER_BYTES: u64 = 160 * 1024 * 1024;
/// Longest side of what is shown.
const SHOWN_SIDE: u32 = 2_048;
const THUMBNAIL_SIDE: u32 = 320;
const QUALITY: u8 = 85;
/// JPEG markers, the byte behind 0xff and the whole.
const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

/// The `image` crate on blocking threads, one picture at a time: a large one needs 150 MB for a
/// moment.
#[derive(Debug, Clone)]
pub struct Darkroom {
    seats: Arc<Semaphore>,
}

impl Darkroom {
    pub fn new() -> Self {
        Self {
            seats: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Default for Darkroom {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl PhotoStudio for Darkroom {
    async fn clean(&self, original: Vec<u8>) -> Result<CleanPhoto, PhotoError> {
        let seat = Arc::clone(&self.seats)
            .acquire_owned()
            .await
            .map_err(|_| PhotoError::Damaged)?;
        let work = tokio::task::spawn_blocking(move || {
            // Held until the memory is free again, even when the caller has gone.
            let _seat = seat;
            clean(&original)
        });
        // A decoder that panics has met a damaged picture.
        work.await.unwrap_or(Err(PhotoError::Damaged))
    }
}

fn clean(original: &[u8]) -> Result<CleanPhoto, PhotoError> {
    let (picture, orientation) = decode(original)?;
    let mut shown = within(picture, SHOWN_SIDE);
    shown.apply_orientation(orientation);
    let shown = on_white(shown);
    let thumbnail = within(DynamicImage::ImageRgb8(shown.clone()), THUMBNAIL_SIDE).into_rgb8();
    Ok(CleanPhoto {
        jpeg: encode(&shown)?,
        thumbnail: encode(&thumbnail)?,
        width: shown.width(),
        height: shown.height(),
    })
}

fn decode(original: &[u8]) -> Result<(DynamicImage, Orientation), PhotoError> {
    let format = image::guess_format(original).map_err(|_| PhotoError::NotAPicture)?;
    if !matches!(
        format,
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP
    ) {
        return Err(PhotoError::NotAPicture);
    }
    if format == ImageFormat::Jpeg && !is_whole(original) {
        return Err(PhotoError::Damaged);
    }
    let mut reader = ImageReader::with_format(Cursor::new(original), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS
        || decoder.total_bytes() > MAX_DECODER_BYTES
    {
        return Err(PhotoError::TooLarge);
    }
    // A broken EXIF block is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((
        DynamicImage::from_decoder(decoder).map_err(fault)?,
        orientation,
    ))
}

/// JPEG decoders fill what is missing with grey. A transfer that was cut off lacks the end marker
/// behind the picture; one inside an EXIF preview does not count.
fn is_whole(jpeg: &[u8]) -> bool {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, ..] = *rest {
        match marker {
            0xff => rest = &rest[1..],
            START_OF_SCAN => return rest.windows(2).any(|pair| pair == END_OF_IMAGE),
            _ => {
                rest = rest
                    .get(2 + usize::from(u16::from_be_bytes([high, low]))..)
                    .unwrap_or_default()
            }
        }
    }
    false
}

/// Never enlarges.
fn within(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side {
        picture
    } else {
        picture.resize(side, side, FilterType::Triangle)
    }
}

/// JPEG has no transparency.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let layered = picture.into_rgba8();
    let (width, height) = layered.dimensions();
    ImageBuffer::from_fn(width, height, |x, y| {
        let [red, green, blue, alpha] = layered.get_pixel(x, y).0.map(u16::from);
        let blend = |colour: u16| {
            u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        Rgb([blend(red), blend(green), blend(blue)])
    })
}

fn encode(picture: &RgbImage) -> Result<Vec<u8>, PhotoError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(picture)
        .map_err(|_| PhotoError::Damaged)?;
    Ok(bytes)
}

fn fault(error: ImageError) -> PhotoError {
    match error {
        ImageError::Limits(_) => PhotoError::TooLarge,
        ImageError::Unsupported(_) => PhotoError::NotAPicture,
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_) => PhotoError::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};
    use rstest::rstest;

    use super::*;

    fn gradient(width: u32, height: u32) -> RgbImage {
        ImageBuffer::from_fn(width, height, |x, y| {
            Rgb([(x % 251) as u8, (y % 241) as u8, 90])
        })
    }

    fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A JPEG whose EXIF holds an orientation and, as a canary, text.
    fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"GPS-CANARY\xff\xd9");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    fn is_jpeg_of(bytes: &[u8], width: u32, height: u32) -> bool {
        let picture = image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap();
        (picture.width(), picture.height()) == (width, height)
    }

    #[rstest]
    #[case(ImageFormat::Jpeg)]
    #[case(ImageFormat::Png)]
    #[case(ImageFormat::WebP)]
    fn photos_come_out_as_jpeg_with_a_thumbnail(#[case] format: ImageFormat) {
        let photo = clean(&written(&gradient(3_000, 1_500).into(), format)).unwrap();
        assert_eq!((photo.width, photo.height), (2_048, 1_024));
        assert!(is_jpeg_of(&photo.jpeg, 2_048, 1_024));
        assert!(is_jpeg_of(&photo.thumbnail, 320, 160));
    }

    #[test]
    fn a_small_photo_is_not_enlarged() {
        let photo = clean(&written(&gradient(40, 30).into(), ImageFormat::Png)).unwrap();
        assert!(is_jpeg_of(&photo.jpeg, 40, 30) && is_jpeg_of(&photo.thumbnail, 40, 30));
    }

    #[test]
    fn photos_are_turned_upright_and_lose_their_metadata_and_what_was_appended() {
        let plain = written(&gradient(64, 32).into(), ImageFormat::Jpeg);
        let sideways = [with_exif(&plain, 6), b"PK\x03\x04GPS-CANARY".to_vec()].concat();
        let photo = clean(&sideways).unwrap();
        assert_eq!(
            (photo.width, photo.height),
            (32, 64),
            "orientation 6 is a quarter turn"
        );
        for bytes in [photo.jpeg, photo.thumbnail] {
            assert!(!bytes.windows(10).any(|window| window == b"GPS-CANARY"));
            assert!(!bytes.windows(4).any(|window| window == b"Exif"));
        }
    }

    #[test]
    fn transparency_becomes_white() {
        let clear = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
        assert_eq!(on_white(clear.into()).get_pixel(3, 3).0, [255, 255, 255]);
    }

    #[rstest]
    #[case::svg(b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), PhotoError::NotAPicture)]
    #[case::gif(b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), PhotoError::NotAPicture)]
    #[case::script(b"#!/bin/sh\n".to_vec(), PhotoError::NotAPicture)]
    #[case::empty(vec![], PhotoError::NotAPicture)]
    #[case::only_a_header(b"\xff\xd8\xff\xe0".to_vec(), PhotoError::Damaged)]
    fn what_is_not_a_photo_is_refused(#[case] bytes: Vec<u8>, #[case] why: PhotoError) {
        assert_eq!(clean(&bytes), Err(why));
    }

    #[rstest]
    #[case(ImageFormat::Jpeg)]
    #[case(ImageFormat::Png)]
    #[case(ImageFormat::WebP)]
    fn a_photo_that_was_cut_off_is_refused(#[case] format: ImageFormat) {
        let whole = written(&gradient(200, 200).into(), format);
        let whole = if format == ImageFormat::Jpeg {
            with_exif(&whole, 1)
        } else {
            whole
        };
        assert!(clean(&whole).is_ok());
        assert_eq!(
            clean(&whole[..whole.len() * 2 / 3]),
            Err(PhotoError::Damaged)
        );
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        let mut png = written(&gradient(1, 1).into(), ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        let crc = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(clean(&png), Err(PhotoError::TooLarge));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 {
                    (crc >> 1) ^ 0xedb8_8320
                } else {
                    crc >> 1
                }
            })
        })
    }
}
