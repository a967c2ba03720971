//! What can be imported: a code, and the columns that its file has.

/// One kind of table.
#[derive(Debug, PartialEq, Eq)]
pub struct ImportKind {
    /// Stable snake_case code: `roster`.
    pub code: &'static str,
    /// What people call it: `花名册`.
    pub name: &'static str,
    pub columns: &'static [ImportColumn],
}

/// One column. Files may have them in any order, and others beside them, which are ignored.
#[derive(Debug, PartialEq, Eq)]
pub struct ImportColumn {
    /// Key of the column in reports, and a heading that is accepted: `idNumber`.
    pub key: &'static str,
    /// The heading of the template.
    pub heading: &'static str,
    /// Other headings that offices use.
    pub aliases: &'static [&'static str],
    /// Whether the column must be there and every row must fill it.
    pub required: bool,
    /// What the template's example row says; that very row is skipped when it is handed in.
    pub example: &'static str,
    /// How to fill it in, for the template.
    pub note: &'static str,
}

impl ImportKind {
    /// Place of the column with this key.
    pub fn column(&self, key: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.key == key)
    }
}

/// What a template comes as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    Xlsx,
    Csv,
}
