//! Personal data between rows and the domain: sealed on the way in, opened on the way out.

use niangjia_domain::{
    kernel::{IdNumber, Phone},
    store::StoreError,
};

use super::{error::unsealable, rows::parsed, store::SqlTx};
use crate::crypto::field_cipher::Cell;

/// Purposes of the blind indexes: one index a kind of value, so that equal values meet across
/// tables.
const PHONE: &str = "phone";
const ID_NUMBER: &str = "id_number";

impl SqlTx {
    pub(crate) fn seal(&self, cell: Cell, plain: &str) -> Result<Vec<u8>, StoreError> {
        self.cipher
            .seal(cell, plain)
            .map_err(unsealable(cell.table, cell.row))
    }

    pub(crate) fn open(&self, cell: Cell, sealed: &[u8]) -> Result<String, StoreError> {
        self.cipher
            .open(cell, sealed)
            .map_err(unsealable(cell.table, cell.row))
    }

    pub(crate) fn seal_bytes(&self, cell: Cell, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.cipher
            .seal_bytes(cell, plain)
            .map_err(unsealable(cell.table, cell.row))
    }

    pub(crate) fn open_bytes(&self, cell: Cell, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.cipher
            .open_bytes(cell, sealed)
            .map_err(unsealable(cell.table, cell.row))
    }

    pub(crate) fn open_phone(&self, cell: Cell, sealed: &[u8]) -> Result<Phone, StoreError> {
        parsed(
            cell.table,
            cell.row,
            Phone::parse(&self.open(cell, sealed)?),
        )
    }

    pub(crate) fn open_id_number(&self, cell: Cell, sealed: &[u8]) -> Result<IdNumber, StoreError> {
        parsed(
            cell.table,
            cell.row,
            IdNumber::parse(&self.open(cell, sealed)?),
        )
    }

    pub(crate) fn phone_index(&self, phone: &Phone) -> Vec<u8> {
        self.cipher.blind_index(PHONE, phone.expose())
    }

    pub(crate) fn id_number_index(&self, number: &IdNumber) -> Vec<u8> {
        self.cipher.blind_index(ID_NUMBER, number.expose())
    }
}
