//! The register that the bureau took over from its old system, as the file it came in.

use anyhow::{Context, Result};
use jiff::civil::Date;
use supervision::bureau::{Bureau, Subject};
use supervision::licence::data::{AreaKind, LicenceData, PremisesKind, Scope, Standing};

use super::outlets::{Outlets, degrees};

const HEADINGS: [&str; 24] = [
    "许可证号",
    "主体类型",
    "经营者姓名",
    "字号名称",
    "负责人",
    "身份证号码",
    "统一社会信用代码",
    "联系电话",
    "经营地址",
    "行政区划",
    "经度",
    "纬度",
    "经营业态",
    "市场类型",
    "许可范围",
    "供货企业",
    "发证日期",
    "有效期起",
    "有效期止",
    "许可证状态",
    "网格",
    "订货日",
    "档位",
    "诚信等级",
];

/// So many licences, in the order of their issue, numbered by the scheme of the bureau with the gaps that years leave.
pub fn licences(
    outlets: &mut Outlets,
    bureau: &Bureau,
    count: usize,
    (first, last): (Date, Date),
) -> Result<Vec<LicenceData>> {
    let one = |_| outlets.licence(&bureau.supplier.zh, first, last);
    let mut licences = (0..count).map(one).collect::<Result<Vec<_>>>()?;
    licences.sort_by_key(|licence| licence.issued_on);
    let mut serials = [0_i64; 2];
    for (place, licence) in licences.iter_mut().enumerate() {
        let subject = licence.holder.subject.unwrap_or(Subject::Individual);
        let serial = &mut serials[usize::from(subject == Subject::Organisation)];
        // Every seventh number belonged to a licence that is long gone.
        *serial += if place % 7 == 0 { 2 } else { 1 };
        licence.number = bureau.scheme.format(subject, *serial).context("the number scheme is used up")?;
    }
    Ok(licences)
}

/// The file: CSV in UTF-8, as an export of the old system would look.
pub fn file(licences: &[LicenceData]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADINGS)?;
    for licence in licences {
        writer.write_record(row(licence))?;
    }
    Ok(writer.into_inner()?)
}

fn row(licence: &LicenceData) -> [String; 24] {
    let (holder, premises) = (&licence.holder, &licence.premises);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let (longitude, latitude) = premises.point.map(degrees).unwrap_or_default();
    [
        licence.number.clone(),
        holder.subject.map_or("", subject).to_owned(),
        text(&holder.name),
        text(&premises.trade_name),
        text(&holder.responsible_person),
        text(&holder.identity_number),
        text(&holder.credit_code),
        text(&holder.phone),
        text(&premises.address),
        text(&premises.division),
        longitude,
        latitude,
        premises.kind.map_or("", kind).to_owned(),
        premises.area.map_or("", area).to_owned(),
        licence.scope.iter().map(|one| scope(*one)).collect::<Vec<_>>().join("，"),
        text(&licence.supplier),
        day(licence.issued_on),
        day(licence.valid_from),
        day(licence.valid_until),
        licence.standing.map_or("", standing).to_owned(),
        text(&licence.grid),
        number(licence.order_day),
        number(licence.tier),
        text(&licence.credit),
    ]
}

fn subject(subject: Subject) -> &'static str {
    match subject {
        Subject::Individual => "个体工商户",
        Subject::Organisation => "企业",
    }
}

fn kind(kind: PremisesKind) -> &'static str {
    match kind {
        PremisesKind::Grocery => "食杂店",
        PremisesKind::Convenience => "便利店",
        PremisesKind::Supermarket => "超市",
        PremisesKind::DepartmentStore => "商场",
        PremisesKind::TobaccoAndLiquor => "烟酒商店",
        PremisesKind::Entertainment => "娱乐服务类",
        PremisesKind::Other => "其他",
    }
}

fn area(area: AreaKind) -> &'static str {
    match area {
        AreaKind::Urban => "城区",
        AreaKind::Town => "乡镇",
        AreaKind::Village => "农村",
    }
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Cigarettes => "卷烟、雪茄烟零售",
        Scope::ElectronicCigarettes => "电子烟零售",
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Valid => "有效",
        Standing::Suspended => "停业",
        Standing::Closed => "歇业",
        Standing::Deregistered => "注销",
        // The old system knew no others.
        _ => "",
    }
}
