//! Demo stations: invented names, marked as demo, near the real county seats of Jining (GCJ-02,
//! approximate).

use niangjia_domain::{
    kernel::{DistrictCode, Place},
    stations::{
        NewStation,
        hours::{Opening, OpeningHours},
        station::Amenity,
    },
};

/// District, name, address, longitude, latitude. All are open around the clock, so that the demo's
/// vouchers can be tried at any hour.
const STATIONS: [(&str, &str, &str, f64, f64); 13] = [
    (
        "370811",
        "太白湖暖心驿站（演示）",
        "任城区演示路 1 号",
        116.587,
        35.404,
    ),
    (
        "370811",
        "古槐街道骑手驿站（演示）",
        "任城区演示路 2 号",
        116.606,
        35.421,
    ),
    (
        "370812",
        "兴隆庄货运驿站（演示）",
        "兖州区演示路 3 号",
        116.784,
        35.552,
    ),
    (
        "370826",
        "夏镇湖畔驿站（演示）",
        "微山县演示路 4 号",
        117.129,
        34.807,
    ),
    (
        "370827",
        "谷亭快递驿站（演示）",
        "鱼台县演示路 5 号",
        116.650,
        35.012,
    ),
    (
        "370828",
        "金乡蒜都驿站（演示）",
        "金乡县演示路 6 号",
        116.311,
        35.066,
    ),
    (
        "370829",
        "嘉祥石雕城驿站（演示）",
        "嘉祥县演示路 7 号",
        116.342,
        35.408,
    ),
    (
        "370830",
        "汶上中都驿站（演示）",
        "汶上县演示路 8 号",
        116.497,
        35.712,
    ),
    (
        "370831",
        "泗水泉林驿站（演示）",
        "泗水县演示路 9 号",
        117.252,
        35.665,
    ),
    (
        "370832",
        "梁山水泊驿站（演示）",
        "梁山县演示路 10 号",
        116.096,
        35.802,
    ),
    (
        "370881",
        "曲阜鼓楼驿站（演示）",
        "曲阜市演示路 11 号",
        116.986,
        35.581,
    ),
    (
        "370883",
        "邹城峄山驿站（演示）",
        "邹城市演示路 12 号",
        117.007,
        35.402,
    ),
    (
        "370883",
        "邹城矿区驿站（演示）",
        "邹城市演示路 13 号",
        116.973,
        35.405,
    ),
];

/// All of them, the first of each district first.
pub(super) fn stations() -> Vec<NewStation> {
    STATIONS.into_iter().filter_map(station).collect()
}

fn station(
    (district, name, address, lng, lat): (&str, &str, &str, f64, f64),
) -> Option<NewStation> {
    Some(NewStation {
        name: name.to_owned(),
        district: DistrictCode::parse(district).ok()?,
        address: address.to_owned(),
        place: Place::new(lng, lat).ok()?,
        hours: OpeningHours::daily(Opening::ALL_DAY),
        amenities: vec![
            Amenity::Water,
            Amenity::Charging,
            Amenity::Microwave,
            Amenity::Rest,
            Amenity::Meals,
        ],
    })
}
