//! What stands behind `#[cfg(test)]`: single items wherever they stand, and whole files by the
//! `mod` that declares them. What follows such an item ships again.

use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, ImplItem, Item, Meta,
    spanned::Spanned,
    visit::{self, Visit},
};

#[derive(Default)]
pub struct TestCode {
    /// First and last line of each item, attributes included.
    pub spans: Vec<RangeInclusive<usize>>,
    /// Modules that only tests see, as paths without `.rs`.
    pub modules: Vec<PathBuf>,
}

pub fn find(name: &str, syntax: &syn::File) -> TestCode {
    let file = Path::new(name);
    let mut finder = Finder {
        folder: file.parent().unwrap().to_owned(),
        children: children(file),
        found: TestCode::default(),
    };
    finder.visit_file(syntax);
    finder.found
}

/// The file is one of these modules, or lies in one.
pub fn belongs_to(name: &str, modules: &[PathBuf]) -> bool {
    let path = Path::new(name).with_extension("");
    modules.iter().any(|module| path.starts_with(module))
}

/// Where the files of a file's modules lie.
fn children(file: &Path) -> PathBuf {
    match file.file_stem().unwrap().to_str().unwrap() {
        "mod" | "lib" | "main" => file.parent().unwrap().to_owned(),
        _ => file.with_extension(""),
    }
}

struct Finder {
    folder: PathBuf,
    children: PathBuf,
    found: TestCode,
}

impl Finder {
    fn keep(&mut self, item: &impl Spanned) {
        let span = item.span();
        let lines = span.start().line..=span.end().line;
        self.found.spans.push(lines);
    }
}

impl Visit<'_> for Finder {
    fn visit_item(&mut self, item: &Item) {
        if only_tests(attributes(item)) {
            self.keep(item);
            if let Item::Mod(module) = item {
                let elsewhere = path_attribute(&module.attrs).map(|path| self.folder.join(path));
                let beside = self.children.join(module.ident.to_string());
                let path = elsewhere.map_or(beside, |path| path.with_extension(""));
                self.found.modules.push(path);
            }
        } else if let Item::Mod(module) = item {
            self.children.push(module.ident.to_string());
            visit::visit_item_mod(self, module);
            self.children.pop();
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &ImplItem) {
        let attributes = match item {
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Const(item) => &item.attrs,
            _ => return,
        };
        if only_tests(attributes) {
            self.keep(item);
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]`, alone or as one of several conditions that must all hold.
fn only_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else {
            return false;
        };
        let condition = list.tokens.to_string().replace(' ', "");
        let all = condition.starts_with("all(test,") && condition.ends_with(')');
        list.path.is_ident("cfg") && (condition == "test" || all)
    })
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let syn::Expr::Lit(literal) = &pair.value else {
            return None;
        };
        match &literal.lit {
            syn::Lit::Str(path) if pair.path.is_ident("path") => Some(path.value()),
            _ => None,
        }
    })
}

#[test]
fn items_and_modules_are_found_wherever_they_stand() {
    let text = r#"
#[cfg(test)]
mod fixtures;

/// Ships.
pub fn first() {}

/// Does not.
#[cfg(test)]
fn second() {
}

#[cfg(any(test, feature = "demo"))]
fn third() {}

#[cfg(test)]
#[path = "apart_tests.rs"]
mod tests;
"#;
    let found = find("domain/src/rules/mod.rs", &syn::parse_file(text).unwrap());
    assert_eq!(found.spans, [2..=3, 8..=11, 16..=18]);
    let modules = ["domain/src/rules/fixtures", "domain/src/rules/apart_tests"];
    assert_eq!(found.modules, modules.map(PathBuf::from));
    assert!(belongs_to(
        "domain/src/rules/fixtures/town.rs",
        &found.modules
    ));
    assert!(!belongs_to(
        "domain/src/rules/fixtures_of_all.rs",
        &found.modules
    ));
}
