//! Making photos safe to show: the real type is sniffed from the bytes, size and memory are bounded before anything is
//! decoded, the picture is turned upright and written anew, so that no byte a phone sent (EXIF, GPS, appended files)
//! survives.

use std::{io::Cursor, sync::Arc};

use async_trait::async_trait;
use image::{
    DynamicImage, ImageBuffer, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder, imageops::FilterType, metadata::Orientation,
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

/// The `image` crate on blocking threads, one picture at a time: a large one needs 150 MB for a moment.
#[derive(Debug, Clone)]
pub struct Darkroom {
    seats: Arc<Semaphore>,
}

impl Darkroom {
    pub fn new() -> Self {
        Self { seats: Arc::new(Semaphore::new(1)) }
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
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(|_| PhotoError::Damaged)?;
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
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(PhotoError::NotAPicture);
    }
    if format == ImageFormat::Jpeg && !has_end(original) {
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
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_DECODER_BYTES {
        return Err(PhotoError::TooLarge);
    }
    // A broken EXIF block is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder).map_err(fault)?, orientation))
}

/// JPEG decoders fill what is missing with grey; a transfer that was cut off lacks the end marker.
fn has_end(jpeg: &[u8]) -> bool {
    jpeg.windows(2).rev().any(|pair| pair == [0xff, 0xd9])
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
        let blend = |colour: u16| u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        Rgb([blend(red), blend(green), blend(blue)])
    })
}

fn encode(picture: &RgbImage) -> Result<Vec<u8>, PhotoError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(picture).map_err(|_| PhotoError::Damaged)?;
    Ok(bytes)
}

fn fault(error: ImageError) -> PhotoError {
    match error {
        ImageError::Limits(_) => PhotoError::TooLarge,
        ImageError::Unsupported(_) => PhotoError::NotAPicture,
        ImageError::Decoding(_) | ImageError::Encoding(_) | ImageError::Parameter(_) | ImageError::IoError(_) => {
            PhotoError::Damaged
        }
    }
}
