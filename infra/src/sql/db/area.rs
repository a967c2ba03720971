//! Which rows lie inside the area that somebody may see: the one place where a jurisdiction becomes
//! a condition on districts. Unions have a condition of their own (`unions.rs`).

use niangjia_domain::kernel::Jurisdiction;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait,
    sea_query::{Expr, Query},
};

use crate::sql::{membership::unions, stations::entity::station, vouchers::batches::entity::batch};

/// Rows with a district. They belong to districts, not to unions, so nobody sees them for a union's
/// sake.
pub(crate) fn inside(district: impl ColumnTrait, area: &Jurisdiction) -> Condition {
    match area {
        Jurisdiction::Everywhere => Condition::all().add(Expr::value(true)),
        Jurisdiction::District(code) => {
            let (first, last) = code.text_bounds();
            // A county is one value: an index on it then keeps the order of its next column.
            Condition::all().add(match first == last {
                true => district.eq(first),
                false => district.between(first, last),
            })
        }
        Jurisdiction::Union(_) => Condition::all().add(Expr::value(false)),
    }
}

/// Rows with a district that may belong to a union, too: whoever answers for either sees them.
pub(crate) fn of_places(
    district: impl ColumnTrait,
    union_id: impl ColumnTrait,
    area: &Jurisdiction,
) -> Condition {
    match area {
        Jurisdiction::Everywhere | Jurisdiction::District(_) => inside(district, area),
        Jurisdiction::Union(_) => unions::in_area(union_id, area),
    }
}

/// Rows that belong to a station.
pub(crate) fn at_stations(station_id: impl ColumnTrait, area: &Jurisdiction) -> Condition {
    through::<station::Entity>(
        station_id,
        station::Column::Id,
        station::Column::District,
        area,
    )
}

/// Rows that belong to a batch. What belongs to none is for those who see everything.
pub(crate) fn of_batches(batch_id: impl ColumnTrait, area: &Jurisdiction) -> Condition {
    through::<batch::Entity>(batch_id, batch::Column::Id, batch::Column::District, area)
}

fn through<Owner: EntityTrait>(
    owner_id: impl ColumnTrait,
    id: Owner::Column,
    district: Owner::Column,
    area: &Jurisdiction,
) -> Condition {
    let here = inside(district, area);
    if *area == Jurisdiction::Everywhere {
        return here;
    }
    let owners = Query::select()
        .column(id)
        .from(Owner::default())
        .cond_where(here)
        .to_owned();
    Condition::all().add(owner_id.in_subquery(owners))
}
