//! What a station's keepers are told.

use crate::notices::templates;

templates! {
    FOUND_SHUT "station_found_shut" about "stnrep": "有职工反映到站时驿站未开门",
        "{station}：请到站核实，并及时更新营业时间。";
    WRONG_PLACE "station_wrong_place" about "stnrep": "有职工反映驿站位置不准确",
        "{station}：请到站核实，并及时更新位置。";
    OTHER "station_reported" about "stnrep": "有职工反映驿站问题",
        "{station}：请到站核实，并及时处理。";
}
