//! Headings under which the fields of a licence are known in registers, in Chinese and English.

use super::mapping::Field;

/// The field a heading names, or `None`. Case, spaces, underscores, brackets and what stands in them do not matter.
#[must_use]
pub fn field_of(heading: &str) -> Option<Field> {
    let plain = plain(heading);
    KNOWN.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(field, _)| *field)
}

/// How many of the cells are known headings: the row that has most of them holds the headings.
#[must_use]
pub fn known_in(cells: &[String]) -> usize {
    cells.iter().filter(|cell| field_of(cell).is_some()).count()
}

fn plain(heading: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for character in heading.trim().chars() {
        match character {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            ' ' | '_' | '-' | '\u{3000}' | '*' | ':' | '：' | '\n' => {}
            other if depth == 0 => kept.extend(other.to_lowercase()),
            _ => {}
        }
    }
    kept
}

/// As `plain` leaves them.
const KNOWN: [(Field, &[&str]); 25] = [
    (
        Field::Number,
        &[
            "许可证号",
            "许可证号码",
            "许可证编号",
            "专卖许可证号",
            "烟草专卖零售许可证号",
            "零售许可证号",
            "证号",
            "license",
            "licence",
            "licensenumber",
            "licencenumber",
            "licenseno",
            "licenceno",
        ],
    ),
    (Field::Subject, &["主体类型", "主体类别", "经济类型", "企业类型", "subject", "subjectkind"]),
    (
        Field::Name,
        &[
            "经营者",
            "经营者姓名",
            "持证人",
            "持证人姓名",
            "持证主体",
            "企业名称",
            "名称",
            "客户名称",
            "name",
            "holder",
            "holdername",
            "legalname",
        ],
    ),
    (
        Field::TradeName,
        &[
            "字号",
            "字号名称",
            "店名",
            "店铺名称",
            "招牌名称",
            "商户名称",
            "个体工商户名称",
            "tradename",
            "dbaname",
            "shopname",
        ],
    ),
    (
        Field::ResponsiblePerson,
        &["负责人", "负责人姓名", "法定代表人", "法人", "responsibleperson", "legalrepresentative"],
    ),
    (
        Field::IdentityNumber,
        &[
            "身份证号",
            "身份证号码",
            "证件号码",
            "公民身份号码",
            "负责人身份证号",
            "经营者身份证号",
            "idnumber",
            "identitynumber",
        ],
    ),
    (Field::CreditCode, &["统一社会信用代码", "社会信用代码", "信用代码", "creditcode", "uscc"]),
    (Field::Phone, &["联系电话", "电话", "手机", "手机号", "手机号码", "phone", "telephone", "mobile"]),
    (Field::Address, &["经营地址", "经营场所", "地址", "经营场所地址", "address", "premisesaddress"]),
    (
        Field::Division,
        &[
            "行政区划",
            "区划代码",
            "行政区划代码",
            "所属区划",
            "乡镇",
            "所属乡镇",
            "村社区",
            "division",
            "divisioncode",
        ],
    ),
    (Field::Longitude, &["经度", "longitude", "lon", "lng"]),
    (Field::Latitude, &["纬度", "latitude", "lat"]),
    (Field::PremisesKind, &["业态", "经营业态", "零售业态", "premiseskind", "facilitytype", "shopkind"]),
    (Field::Area, &["市场类型", "区域类型", "城乡类型", "area", "areakind"]),
    (Field::Scope, &["许可范围", "经营范围", "scope"]),
    (Field::Supplier, &["供货单位", "供货企业", "supplier"]),
    (Field::IssuedOn, &["发证日期", "签发日期", "核发日期", "issuedon", "issuedate", "dateissued"]),
    (
        Field::ValidFrom,
        &[
            "有效期起",
            "有效期自",
            "有效期开始",
            "有效起始日期",
            "有效期限起",
            "起始日期",
            "validfrom",
            "startdate",
        ],
    ),
    (
        Field::ValidUntil,
        &[
            "有效期止",
            "有效期至",
            "有效期结束",
            "有效截止日期",
            "有效期限止",
            "截止日期",
            "validuntil",
            "validto",
            "expirationdate",
            "enddate",
        ],
    ),
    (
        Field::Standing,
        &["状态", "许可证状态", "经营状态", "证件状态", "standing", "state", "status", "licensestatus"],
    ),
    (Field::Grid, &["网格", "监管网格", "片区", "grid"]),
    (Field::OrderDay, &["订货日", "访销日", "orderday"]),
    (Field::Tier, &["档位", "客户档位", "tier"]),
    (Field::Credit, &["诚信等级", "信用等级", "creditgrade"]),
    (Field::Chain, &["连锁", "所属连锁", "连锁企业", "chain"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_known_however_it_is_dressed() {
        for heading in ["许可证号", " 许可证号（12位）", "License Number", "licence_number", "*许可证号："]
        {
            assert_eq!(field_of(heading), Some(Field::Number), "{heading}");
        }
        assert_eq!(field_of("备注"), None);
    }

    #[test]
    fn no_heading_stands_for_two_fields() {
        let all: Vec<_> = KNOWN.iter().flat_map(|(_, names)| names.iter()).collect();
        for (index, name) in all.iter().enumerate() {
            assert!(!all[..index].contains(name), "{name}");
            assert_eq!(plain(name), **name);
        }
    }
}
