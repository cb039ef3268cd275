#!/usr/bin/env python3
"""Makes up a register of licences with planted faults, and writes down the truth: which row, which column, what fault.

It shares no code with the importer: check characters, points, files and all else are worked out here anew, with the
standard library alone. Only the divisions and the boundary of the region are read from the same open data.

    plant.py --region region/jiashan --out DIR [--rows 30000] [--share 0.05] [--seed 1]

writes  register.csv (UTF-8)   register-gb18030.csv (semicolons)   register.xlsx
        truth.csv              truth-gb18030.csv                   truth-xlsx.csv      (row, column, kind)
        repeated.csv (every licence in several rows, the newest counts; kept columns)  truth-repeated.csv
        kept-repeated.csv (number, date: what must come in)
        recovered.csv (a faulty row, later a good one of the same number)  truth-recovered.csv  kept-recovered.csv
        changed.csv (the same register a year on: some rows changed, faulty rows left out)   changes.csv (number, column, before, after)
"""
import argparse
import csv
import datetime
import io
import json
import pathlib
import random
import zipfile
from xml.sax.saxutils import escape

HEADINGS = ["许可证号", "主体类型", "经营者姓名", "字号名称", "负责人", "身份证号码", "统一社会信用代码", "联系电话", "经营地址",
            "行政区划", "经度", "纬度", "经营业态", "市场类型", "许可范围", "发证日期", "有效期起", "有效期止", "许可证状态", "档位"]
(NUMBER, SUBJECT, HOLDER, SIGN, PERSON, IDENTITY, CREDIT, PHONE, ADDRESS, DIVISION, LON, LAT, SHOP, AREA, SCOPE, ISSUED,
 START, END, STATE, TIER) = range(len(HEADINGS))

SURNAMES = "王李张刘陈杨黄吴赵周徐孙朱沈陆钱顾潘金俞"
GIVEN = "伟芳娜敏静丽强磊军洋艳勇杰娟涛明超霞平刚桂英华玉兰建国志红梅"
SHOPS = ["食杂店", "便利店", "超市", "烟酒商店", "娱乐服务类", "商场", "其他"]
SIGNS = {"食杂店": "副食店", "便利店": "便利店", "超市": "超市", "烟酒商店": "烟酒店", "娱乐服务类": "棋牌室", "商场": "商场", "其他": "经营部"}


# ---------------------------------------------------------------- identifiers, worked out from the standards themselves
def identity_number(rng, when):
    body = "330421" + when.strftime("%Y%m%d") + f"{rng.randrange(1, 1000):03d}"
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    remainder = sum(int(digit) * weight for digit, weight in zip(body, weights)) % 11
    return body + "10X98765432"[remainder]


def credit_code(rng, subject):
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = ("92" if subject == "1" else "91") + "330421" + "MA" + "".join(rng.choice(signs) for _ in range(7))
    total = sum(signs.index(sign) * (3 ** place % 31) for place, sign in enumerate(body))
    return body + signs[-total % 31]


def mobile(rng):
    return "1" + rng.choice("3456789") + "".join(rng.choice("0123456789") for _ in range(9))


# ---------------------------------------------------------------- places
class Places:
    def __init__(self, folder):
        rows = list(csv.DictReader(open(folder / "divisions.csv", encoding="utf-8")))
        names = {row["code"]: row["name"] for row in rows}
        self.villages = [(row["code"], names[row["parent"]], row["name"]) for row in rows if len(row["code"]) == 12]
        boundary = json.load(open(folder / "boundary.geojson", encoding="utf-8"))
        self.ring = boundary["features"][0]["geometry"]["coordinates"][0][0]
        xs, ys = [x for x, _ in self.ring], [y for _, y in self.ring]
        self.box = min(xs), min(ys), max(xs), max(ys)

    def inside(self, x, y):
        """Winding number: not zero is inside."""
        winding = 0
        points = self.ring if self.ring[0] == self.ring[-1] else self.ring + self.ring[:1]
        for (x1, y1), (x2, y2) in zip(points, points[1:]):
            left = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
            if y1 <= y < y2 and left > 0:
                winding += 1
            elif y2 <= y < y1 and left < 0:
                winding -= 1
        return winding != 0

    def point(self, rng):
        while True:
            x, y = rng.uniform(self.box[0], self.box[2]), rng.uniform(self.box[1], self.box[3])
            if self.inside(x, y):
                return f"{x:.6f}", f"{y:.6f}"


# ---------------------------------------------------------------- good rows
def years_later(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def date_text(rng, day):
    return rng.choice([day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日", day.isoformat()])


def good_row(rng, places, serial):
    subject = "1" if rng.random() < 0.9 else "2"
    code, town, village = rng.choice(places.villages)
    person = rng.choice(SURNAMES) + "".join(rng.choice(GIVEN) for _ in range(rng.choice([1, 2, 2])))
    shop = rng.choice(SHOPS)
    nick = rng.choice(["", "", "", '"老字号"', "，二店", "（东）"])
    sign = f"{town}{person[0]}氏{nick}{SIGNS[shop]}"
    born = datetime.date(1950, 1, 1) + datetime.timedelta(days=rng.randrange(19_000))
    start = datetime.date(2021, 1, 1) + datetime.timedelta(days=rng.randrange(1_800))
    end = years_later(start, 5) - datetime.timedelta(days=rng.choice([0, 1, 1, 1, 400]))
    road = f"{rng.choice(['人民路', '解放路', '环镇东路', '中心街'])}{rng.randrange(1, 400)}号"
    lane = rng.choice(["", "", "", ",一楼", "\n后门", "（原１２号）"])
    longitude, latitude = places.point(rng)
    return [f"330421{subject}{serial:05d}", "个体工商户" if subject == "1" else "企业", person, sign, person, identity_number(rng, born),
            credit_code(rng, subject), rng.choice([mobile(rng), mobile(rng), f"0573-8{rng.randrange(10**6, 10**7)}"]), f"嘉善县{town}{village}{road}{lane}",
            rng.choice([code, f"{town}{village}"]), longitude, latitude, shop, rng.choice(["城市", "乡镇", "农村"]),
            rng.choice(["卷烟、雪茄烟零售", "卷烟零售", "卷烟零售，电子烟零售"]), date_text(rng, start), date_text(rng, start), date_text(rng, end),
            rng.choice(["有效"] * 12 + ["停业", "歇业", "注销"]), str(rng.randrange(1, 31))]


# ---------------------------------------------------------------- one fault of each kind
def other_digit(rng, text, place):
    return text[:place] + str((int(text[place]) + rng.randrange(1, 10)) % 10) + text[place + 1:]


def wrong_number(rng, row):
    good = row[NUMBER]
    return rng.choice([good[:-1], good + "7", good[:8] + "O" + good[9:], "310118" + good[6:], good[:6] + "3" + good[7:], good[:7] + "00000", "嘉善" + good[6:]])


def wrong_credit(rng, row):
    good = row[CREDIT]
    swapped = good[:-1] + rng.choice([sign for sign in "0123456789ABCDEFGH" if sign != good[-1]])
    return rng.choice([swapped, good[:-1], good + "0", good[:9] + "I" + good[10:]])


def wrong_identity(rng, row):
    good = row[IDENTITY]
    return rng.choice([other_digit(rng, good, 16), good[:-1], good[:10] + "13" + good[12:], other_digit(rng, good, 2)])


def full_width(text):
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in text)


def plant_one(rng, kind, row, earlier):
    """Spoils the row in place; gives the column at fault, or None for the whole row."""
    if kind == "number-format":
        row[NUMBER] = wrong_number(rng, row)
        return NUMBER
    if kind == "missing-number":
        row[NUMBER] = rng.choice(["", "  "])
        return NUMBER
    if kind == "unknown-division":
        row[DIVISION] = rng.choice(["330421999", "310118001001", "乌镇", "西塘镇不存在村", "330421103999"])
        return DIVISION
    if kind == "duplicate-number":
        row[:] = earlier
        return NUMBER
    if kind == "conflicting-number":
        row[NUMBER] = earlier[NUMBER]
        return NUMBER
    if kind == "missing-name":
        column = rng.choice([HOLDER, SIGN])
        row[column] = rng.choice(["", " ", "\u3000"])
        return column
    if kind == "missing-address":
        row[ADDRESS] = ""
        return ADDRESS
    if kind == "missing-value":
        column = rng.choice([START, END, STATE])
        row[column] = ""
        return column
    if kind == "credit-code":
        row[CREDIT] = wrong_credit(rng, row)
        return CREDIT
    if kind == "identity-number":
        row[IDENTITY] = wrong_identity(rng, row)
        return IDENTITY
    if kind == "not-a-date":
        column = rng.choice([ISSUED, START, END])
        row[column] = rng.choice(["2023-02-30", "2024/13/01", "长期", "12.5.2024", "2024年", "null", "123"])
        return column
    if kind == "end-before-start":
        row[START], row[END] = "2024-05-01", rng.choice(["2024-04-30", "2019/5/1", "2023年12月31日"])
        return END
    if kind == "validity-too-long":
        row[START], row[END] = "2022-03-01", rng.choice(["2027-03-02", "2028/3/1", "2032年3月1日"])
        return END
    if kind == "outside-territory":
        row[LON], row[LAT] = rng.choice([("121.473700", "31.230400"), ("120.619900", "31.317000"), ("30.890000", "80.920000"), ("120.300000", "30.500000")])
        return LON
    if kind == "not-a-point":
        column = rng.choice([LON, LAT])
        row[column] = rng.choice(["东经120", "120.9.1", "1000", "不详"])
        return column
    if kind == "unknown-standing":
        row[STATE] = rng.choice(["待定", "??", "有効", "使用中吗"])
        return STATE
    if kind == "unknown-subject":
        row[SUBJECT] = rng.choice(["机关", "3"])
        return SUBJECT
    if kind == "unknown-area":
        row[AREA] = rng.choice(["山区", "4"])
        return AREA
    if kind == "unknown-scope":
        row[SCOPE] = rng.choice(["药品零售", "卷烟零售、白酒零售"])
        return SCOPE
    if kind == "not-a-whole-number":
        row[TIER] = rng.choice(["十五", "1.5", "0", "-3"])
        return TIER
    if kind == "phone":
        row[PHONE] = rng.choice(["1381234567", "12345678901", "138-1234-5678", "无", "84022222", "+8613812345678"])
        return PHONE
    if kind == "formula":
        column = rng.choice([PHONE, ADDRESS, END, HOLDER, IDENTITY])
        row[column] = "=" + rng.choice(["A2&B2", "VLOOKUP(A2,Sheet2!A:C,2,0)", 'HYPERLINK("http://example.org","张三")', "EDATE(Q2,60)"])
        return column
    if kind == "full-width":
        column = rng.choice([NUMBER, IDENTITY, PHONE, END, TIER])
        row[column] = full_width(row[column])
        return column
    if kind in ("broken-quoting", "column-count", "encoding"):
        return None
    raise ValueError(kind)


KINDS = ["number-format", "unknown-division", "duplicate-number", "conflicting-number", "missing-name", "missing-address", "credit-code",
         "identity-number", "not-a-date", "end-before-start", "validity-too-long", "outside-territory", "unknown-standing", "phone", "formula",
         "full-width", "missing-number", "missing-value", "not-a-point", "unknown-subject", "unknown-area", "unknown-scope", "not-a-whole-number"]
TEXT_KINDS = ["broken-quoting", "column-count", "encoding"]


class Register:
    """Good rows and faulty ones, in file order; every row knows its fault."""

    def __init__(self, rng, places, rows, share):
        faulty = set(rng.sample(range(100, rows), round(rows * share)))
        kinds = iter((KINDS + TEXT_KINDS + ["broken-quoting"] * 3) * rows)
        self.rows = []
        good = []
        for index in range(rows):
            row, kind, column = good_row(rng, places, index + 1), None, None
            if index in faulty:
                kind = next(kinds)
                column = plant_one(rng, kind, row, rng.choice(good))
            else:
                good.append(list(row))
            self.rows.append((row, kind, column))

    def without_text_faults(self, rng):
        """For a workbook, which has no quotes to break: such a row gets another fault."""
        for row, kind, column in self.rows:
            if kind in TEXT_KINDS:
                kind = "phone"
                column = plant_one(rng, kind, row, None)
            yield row, kind, column


# ---------------------------------------------------------------- text files
def quoted(cell, separator):
    needs = any(sign in cell for sign in (separator, '"', "\n"))
    return '"' + cell.replace('"', '""') + '"' if needs else cell


def line_of(rng, row, kind, separator, encoding):
    cells = [quoted(cell, separator) for cell in row]
    if kind == "broken-quoting":
        # One line, or it would be several rows: a broken row has no cells that could run on.
        cells = [cell.replace('"', "").replace("\n", "").replace(separator, " ") for cell in row]
        cells[SIGN] = rng.choice(['"' + cells[SIGN], '"' + cells[SIGN] + '"x', cells[SIGN] + '"', cells[SIGN][:2] + '"' + cells[SIGN][2:]])
    if kind == "column-count":
        cells = [cell.replace("\n", "") for cell in cells]
        cells = cells + ["多余"] if rng.random() < 0.5 else cells[:NUMBER + 5]
    line = separator.join(cells)
    if kind == "encoding":
        line = line.replace("\n", "")
        return line[:20].encode(encoding) + b"\xff\xff" + line[20:].encode(encoding)
    return line.encode(encoding)


def write_text(path, truth, rng, register, separator, encoding, end):
    with open(path, "wb") as file:
        file.write(separator.join(HEADINGS).encode(encoding) + end)
        for row, kind, _ in register.rows:
            file.write(line_of(rng, row, kind, separator, encoding) + end)
    write_truth(truth, register.rows)


def write_truth(path, rows, headings=HEADINGS):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", "column", "kind"])
        for index, (_, kind, column) in enumerate(rows):
            if kind:
                writer.writerow([index + 2, headings[column] if column is not None else "", kind])


# ---------------------------------------------------------------- a workbook, written by hand
def letters(column):
    return chr(65 + column) if column < 26 else chr(64 + column // 26) + chr(65 + column % 26)


def serial_of(text):
    try:
        return (datetime.date.fromisoformat(text) - datetime.date(1899, 12, 30)).days
    except ValueError:
        return None


def cell_xml(rng, reference, column, text, shared):
    if text == "":
        return ""
    if text.startswith("="):
        return f'<c r="{reference}" t="str"><f>{escape(text[1:])}</f><v>13800000000</v></c>'
    if column in (ISSUED, START, END) and serial_of(text) is not None and rng.random() < 0.7:
        return f'<c r="{reference}" s="1"><v>{serial_of(text)}</v></c>'
    plain = text.isascii() and text.replace(".", "", 1).isdigit() and text.strip() == text
    if column in (NUMBER, LON, LAT, TIER) and plain and rng.random() < 0.5:
        return f'<c r="{reference}"><v>{text}</v></c>'
    if rng.random() < 0.5:
        return f'<c r="{reference}" t="s"><v>{shared.setdefault(text, len(shared))}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def write_workbook(path, rng, rows):
    shared = {}
    sheet = io.StringIO()
    sheet.write('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
    for number, row in enumerate([HEADINGS] + rows, start=1):
        cells = "".join(cell_xml(rng, f"{letters(column)}{number}", column, text, shared) for column, text in enumerate(row))
        sheet.write(f'<row r="{number}">{cells}</row>')
    sheet.write("</sheetData></worksheet>")
    strings = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{main}" xmlns:r="{relations}"><sheets><sheet name="零售户" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{relations}/styles" Target="styles.xml"/><Relationship Id="rId3" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'{head}<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'{head}<sst xmlns="{main}" uniqueCount="{len(shared)}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": sheet.getvalue(),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


# ---------------------------------------------------------------- the same register a year on
def write_changed(path, truth, rng, register):
    good = [list(row) for row, kind, _ in register.rows if kind is None]
    changed = rng.sample(range(len(good)), len(good) // 100)
    with open(truth, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["number", "column", "before", "after"])
        for index in changed:
            column = rng.choice([PHONE, ADDRESS, STATE])
            before = good[index][column]
            good[index][column] = {PHONE: mobile(rng), ADDRESS: before + "附近", STATE: "撤销"}[column]
            writer.writerow([good[index][NUMBER], HEADINGS[column], before, good[index][column]])
    with open(path, "wb") as file:
        for row in [HEADINGS] + good:
            file.write(line_of(rng, row, None, ",", "utf-8") + b"\r\n")


# ---------------------------------------------------------------- licences that stand in several rows
TOLD_ON, NOTE = len(HEADINGS), len(HEADINGS) + 1


def write_rows(path, headings, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings] + rows)


def write_kept(path, kept):
    write_rows(path, ["number", "told"], sorted(kept))


def write_repeated(out, rng, places, licences):
    """A source that tells of each licence three times, on different days; its newest word counts, and nothing does if that is spoilt."""
    headings, rows, kept = HEADINGS + ["更新日期", "备注"], [], []
    faults = ["formula in note", "long note", "no date", "formula as date", "newest row", "older row"]
    for serial in range(1, licences + 1):
        fault = faults[serial // 10 % len(faults)] if serial % 10 == 0 else None
        days = [f"2025-{month:02d}-{rng.randrange(1, 29):02d}" for month in (1, 5, 9)]
        told = [good_row(rng, places, serial) + [day, rng.choice(["", "已核", "＝待核"])] for day in days]
        for row in told:
            row[NUMBER], row[SUBJECT] = told[0][NUMBER], told[0][SUBJECT]
        kind, column, spoilt = None, None, told[2]
        if fault == "formula in note":
            kind, column, spoilt[NOTE] = "formula", NOTE, "=SUM(A1:A2)"
        elif fault == "long note":
            kind, column, spoilt[NOTE] = "too-long", NOTE, "很" * 1001
        elif fault == "no date":
            kind, column, spoilt[TOLD_ON] = "not-a-date", TOLD_ON, rng.choice(["2025-02-30", "上周", "2025"])
        elif fault == "formula as date":
            kind, column, spoilt[TOLD_ON] = "formula", TOLD_ON, "=TODAY()"
        elif fault:
            spoilt = told[2] if fault == "newest row" else told[0]
            kind = "phone"
            column = plant_one(rng, kind, spoilt, None)
        if fault in (None, "older row"):
            kept.append([told[2][NUMBER], days[2]])
        rng.shuffle(told)
        rows += [(row, kind if row is spoilt else None, column) for row in told]
    write_rows(out / "repeated.csv", headings, [row for row, _, _ in rows])
    write_truth(out / "truth-repeated.csv", rows, headings)
    write_kept(out / "kept-repeated.csv", kept)


def write_recovered(out, rng, places, licences):
    """A register in which some numbers stand twice, first in a row that is spoilt, then in a good one, which comes in."""
    rows, later, kept = [], [], []
    for serial in range(1, licences + 1):
        row, kind, column = good_row(rng, places, serial), None, None
        kept.append([row[NUMBER], ""])
        if serial % 10 == 0:
            later.append((list(row), None, None))
            kind = rng.choice(["phone", "missing-address", "end-before-start", "unknown-standing"])
            column = plant_one(rng, kind, row, None)
        rows.append((row, kind, column))
    rows += later
    write_rows(out / "recovered.csv", HEADINGS, [row for row, _, _ in rows])
    write_truth(out / "truth-recovered.csv", rows)
    write_kept(out / "kept-recovered.csv", kept)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--region", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    places = Places(options.region)
    register = Register(rng, places, options.rows, options.share)
    write_text(options.out / "register.csv", options.out / "truth.csv", rng, register, ",", "utf-8", b"\r\n")
    write_text(options.out / "register-gb18030.csv", options.out / "truth-gb18030.csv", rng, register, ";", "gb18030", b"\n")
    write_changed(options.out / "changed.csv", options.out / "changes.csv", rng, register)
    sheet_rows = list(register.without_text_faults(rng))
    write_workbook(options.out / "register.xlsx", rng, [row for row, _, _ in sheet_rows])
    write_truth(options.out / "truth-xlsx.csv", sheet_rows)
    write_repeated(options.out, rng, places, options.rows // 10)
    write_recovered(options.out, rng, places, options.rows // 10)


if __name__ == "__main__":
    main()
