//! Text that people typed. NUL, control, bidi-override and zero-width characters are refused: they
//! break databases, spoof names, and slip past content checks.

use crate::kernel::invalid::Invalid;

/// Trims, and refuses what cannot be shown or is not `min..=max` characters long.
pub fn line(field: &str, text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    checked(field, text, min, max, |c| c.is_control())
}

/// Like [`line`], with line breaks allowed.
pub fn paragraphs(field: &str, text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    checked(field, text, min, max, |c| {
        c.is_control() && c != '\n' && c != '\r'
    })
}

/// A person's name: letters of any script, `·` and rare characters, 2 to 30 of them, no digits.
pub fn person_name(field: &str, text: &str) -> Result<String, Invalid> {
    let name = line(field, text, 2, 30)?;
    let shaped = name.chars().all(|c| {
        c.is_alphabetic()
            || matches!(c, '·' | '•' | '.' | ' ' | '-' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
    });
    if shaped {
        Ok(name)
    } else {
        Err(Invalid::field(
            field,
            "name_characters",
            "姓名只能包含文字和间隔号“·”，请核对后重新填写",
        ))
    }
}

fn checked(
    field: &str,
    text: &str,
    min: usize,
    max: usize,
    refused: impl Fn(char) -> bool,
) -> Result<String, Invalid> {
    if text.chars().any(|c| refused(c) || is_invisible(c)) {
        return Err(Invalid::field(
            field,
            "text_characters",
            "包含无法显示的字符，请删除后重新提交",
        ));
    }
    let text = text.trim();
    let length = text.chars().count();
    if length < min || length > max {
        return Err(Invalid::field(
            field,
            "text_length",
            format!("请填写 {min} 到 {max} 个字"),
        ));
    }
    Ok(text.to_owned())
}

/// Marks without a shape: direction, joiners, byte order.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
