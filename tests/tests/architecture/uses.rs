//! Which rooms of `domain` a file leans on: what it imports, what it names by a path, and which
//! repositories it reaches through the unit of work.

use std::collections::{BTreeMap, BTreeSet};

use syn::{
    ExprMethodCall, ItemMod, ItemUse, TraitItemFn, UseTree,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::house::{Source, comment};

/// A line, and the first word of the path after `crate`.
pub type Use = (usize, String);

/// Accessors of the unit of work, each with the room that its repository belongs to.
pub type Accessors = BTreeMap<String, String>;

pub fn uses(source: &Source, accessors: &Accessors) -> BTreeSet<Use> {
    let mut reader = Reader {
        module: module(&source.name),
        accessors,
        found: BTreeSet::new(),
        imported: BTreeMap::new(),
    };
    reader.visit_file(&source.syntax());
    let mut found = reader.found;
    for (number, line) in source.shipped() {
        found.extend(in_macros(line).map(|room| (number, room.to_owned())));
    }
    found.retain(|(line, _)| source.ships(*line));
    found
}

/// Read from the unit of work itself: `fn wishes(&mut self) -> &mut dyn WishRepository`, and where
/// that trait is imported from.
pub fn accessors(unit_of_work: &Source) -> Accessors {
    let nothing = Accessors::new();
    let mut reader = Reader {
        module: module(&unit_of_work.name),
        accessors: &nothing,
        found: BTreeSet::new(),
        imported: BTreeMap::new(),
    };
    let syntax = unit_of_work.syntax();
    reader.visit_file(&syntax);
    let mut signatures = Signatures {
        imported: &reader.imported,
        found: Accessors::new(),
    };
    signatures.visit_file(&syntax);
    assert!(!signatures.found.is_empty(), "repositories are found");
    signatures.found
}

/// `domain/src/vouchers/draw/run.rs` is `vouchers::draw::run`.
fn module(name: &str) -> Vec<String> {
    let path = name.strip_prefix("domain/src/").unwrap();
    let mut parts: Vec<_> = path
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if ["mod", "lib"].contains(&parts.last().unwrap().as_str()) {
        parts.pop();
    }
    parts
}

/// Bodies of macros are not parsed, so their paths are read as text.
fn in_macros(line: &str) -> impl Iterator<Item = &str> {
    let code = &line[..line.len() - comment(line).map_or(0, str::len)];
    code.split("crate::").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        Some(&rest[..end.unwrap_or(rest.len())]).filter(|room| !room.is_empty())
    })
}

struct Reader<'a> {
    module: Vec<String>,
    accessors: &'a Accessors,
    found: BTreeSet<Use>,
    /// Names in this file, and the room that each comes from.
    imported: BTreeMap<String, String>,
}

impl Reader<'_> {
    /// The room that a path leads to, if it leads out of the own one.
    fn room(&self, path: &[String]) -> Option<String> {
        match path.first()?.as_str() {
            "crate" => path.get(1).cloned(),
            "super" => {
                let up = path.iter().take_while(|part| *part == "super").count();
                (up >= self.module.len()).then(|| path.get(up).cloned())?
            }
            _ => None,
        }
    }

    fn import(&mut self, path: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| [path, &[name.to_string()]].concat();
        let (path, name) = match tree {
            UseTree::Path(part) => return self.import(&with(&part.ident), &part.tree),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(path, tree);
                }
                return;
            }
            UseTree::Name(name) => (with(&name.ident), name.ident.to_string()),
            UseTree::Rename(name) => (with(&name.ident), name.rename.to_string()),
            UseTree::Glob(_) => (path.to_vec(), String::from("*")),
        };
        if let Some(room) = self.room(&path) {
            self.found.insert((tree.span().start().line, room.clone()));
            self.imported.insert(name, room);
        }
    }
}

impl Visit<'_> for Reader<'_> {
    fn visit_item_use(&mut self, item: &ItemUse) {
        self.import(&[], &item.tree);
    }

    fn visit_item_mod(&mut self, item: &ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let parts: Vec<_> = path
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect();
        if let Some(room) = self.room(&parts) {
            self.found.insert((path.span().start().line, room));
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &ExprMethodCall) {
        if is_unit_of_work(&call.receiver)
            && let Some(room) = self.accessors.get(&call.method.to_string())
        {
            self.found
                .insert((call.method.span().start().line, room.clone()));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// `tx`, or what `begin` and `read` have just given. Others have methods of these names too.
fn is_unit_of_work(receiver: &syn::Expr) -> bool {
    match receiver {
        syn::Expr::Path(path) => path.path.is_ident("tx"),
        syn::Expr::Try(_) => true,
        _ => false,
    }
}

struct Signatures<'a> {
    imported: &'a BTreeMap<String, String>,
    found: Accessors,
}

impl Visit<'_> for Signatures<'_> {
    fn visit_trait_item_fn(&mut self, item: &TraitItemFn) {
        let syn::ReturnType::Type(_, output) = &item.sig.output else {
            return;
        };
        let syn::Type::Reference(reference) = &**output else {
            return;
        };
        let syn::Type::TraitObject(object) = &*reference.elem else {
            return;
        };
        let Some(syn::TypeParamBound::Trait(bound)) = object.bounds.first() else {
            return;
        };
        let port = &bound.path.segments.last().unwrap().ident;
        if let Some(room) = self.imported.get(&port.to_string()) {
            self.found.insert(item.sig.ident.to_string(), room.clone());
        }
    }
}
