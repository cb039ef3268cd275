// A register is taken in from a table: checked first, written afterwards, and never written twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { identityNumber, misread } from "../support/identity.mjs";

const headings = ["许可证号", "经营者姓名", "字号名称", "身份证号", "经营地址", "行政区划", "有效期起", "有效期止", "许可证状态"];
const proposed = {
  "import-field-number": "许可证号",
  "import-field-name": "经营者姓名",
  "import-field-trade-name": "字号名称",
  "import-field-identity-number": "身份证号",
  "import-field-address": "经营地址",
  "import-field-division": "行政区划",
  "import-field-valid-from": "有效期起",
  "import-field-valid-until": "有效期止",
  "import-field-standing": "许可证状态",
};
const shops = [
  row("330421178001", "丁秋生", "姚庄镇秋生副食店", identityNumber(611), "姚庄镇横港路8号", "姚庄镇"),
  row("330421178002", "曹玉兰", "姚庄镇玉兰便利店", identityNumber(622), "姚庄镇横港路19号", "姚庄镇"),
  row("330421178003", "金海明", "天凝镇海明烟酒店", identityNumber(633), "天凝镇光明街3号", "天凝镇"),
];
const faulty = [
  row("330421178004", "潘文杰", "天凝镇文杰小卖部", misread(identityNumber(644)), "天凝镇光明街7号", "天凝镇"),
  row("330421178005", "葛春燕", "春燕食杂店", identityNumber(655), "不详路1号", "没有这个镇"),
];
const moved = { from: "姚庄镇横港路8号", to: "姚庄镇横港路88号" };

export default function imports(house) {
  test("a register is imported, repeated and corrected", { timeout: 240_000 }, async () => {
    const reviewer = await house.signedIn("reviewer");

    await handIn(reviewer, "登记簿.csv", table([...shops, ...faulty]));
    await mappingIsProposed(reviewer);
    await reviewer.press("import-check", "import-state-checked");
    await counts(reviewer, { "import-rows": 5, "import-fresh": 3, "import-faulty": 2 });
    await reviewer.check("import-checked");
    await isNotInTheRegister(reviewer);
    await faultsAreListed(reviewer);
    await reviewer.press("import-execute", figure(reviewer, "import-added"));
    await counts(reviewer, { "import-added": 3, "import-altered": 0 });
    await reviewer.check("import-finished");
    for (const shop of shops) await standsInTheRegister(reviewer, shop);

    await handIn(reviewer, "登记簿.csv", table([...shops, ...faulty]));
    await pressCheck(reviewer);
    await reviewer.see("import-nothing-new");
    await counts(reviewer, { "import-fresh": 0, "import-unchanged": 3, "import-changed": 0, "import-faulty": 2 });
    assert.equal(await reviewer.page.getByRole("button", { name: reviewer.words("import-execute"), exact: true }).count(), 0);
    await reviewer.check("import-repeated");

    await handIn(reviewer, "登记簿更正.csv", table(shops).replace(moved.from, moved.to));
    await pressCheck(reviewer);
    await counts(reviewer, { "import-fresh": 0, "import-unchanged": 2, "import-changed": 1, "import-faulty": 0 });
    await showsTheChange(reviewer);
    await reviewer.check("import-changed");
    await reviewer.page.getByRole("checkbox", { name: reviewer.words("import-accept", { count: 1 }) }).check();
    await reviewer.press("import-execute", figure(reviewer, "import-altered"));
    await counts(reviewer, { "import-added": 0, "import-altered": 1 });
    await standsInTheRegister(reviewer, shops[0]);
    await showsTheChange(reviewer);
    await reviewer.check("licence-changed-by-import");
    await reviewer.leave();
  });
}

function row(number, name, shop, identity, address, division) {
  return { number, name, shop, cells: [number, name, shop, identity, address, division, "2024-03-01", "2029-02-28", "有效"] };
}

function table(rows) {
  return [headings, ...rows.map(({ cells }) => cells)].map((cells) => cells.join(",")).join("\r\n") + "\r\n";
}

async function handIn(reviewer, name, text) {
  await reviewer.go("/imports");
  await reviewer.check("imports");
  await reviewer.write("import-source", "市局许可证系统");
  await reviewer.field("import-file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await reviewer.press("import-hand-in", reviewer.page.getByRole("heading", { level: 1, name }));
}

async function mappingIsProposed(reviewer) {
  await reviewer.see("import-mapping-lead");
  for (const [field, heading] of Object.entries(proposed)) assert.equal(await column(reviewer, field).inputValue(), heading, field);
  await reviewer.check("import-mapping");
}

/** The list of columns for a field; a box of the same name may stand below. */
function column(reviewer, field) {
  return reviewer.page.getByRole("combobox", { name: reviewer.words(field), exact: true });
}

/** The columns of a known source are filled in; they are confirmed all the same. */
async function pressCheck(reviewer) {
  await mappingIsProposed(reviewer);
  await reviewer.press("import-check", "import-state-checked");
}

function figure(reviewer, label) {
  return reviewer.page.getByRole("paragraph").filter({ hasText: new RegExp(`^\\s*${reviewer.words(label)}\\s*[\\d,]+\\s*$`) });
}

async function counts(reviewer, wanted) {
  for (const [label, count] of Object.entries(wanted)) {
    await figure(reviewer, label).first().waitFor();
    const shown = (await figure(reviewer, label).first().innerText()).match(/[\d,]+\s*$/)[0].trim();
    assert.equal(Number(shown), count, reviewer.words(label));
  }
}

/** The dry run wrote nothing. */
async function isNotInTheRegister(reviewer) {
  const here = reviewer.page.url();
  await search(reviewer, shops[0].number);
  assert.equal(await reviewer.page.locator("main").getByRole("link", { name: shops[0].number }).count(), 0);
  await reviewer.go(here);
}

/** Row, column and kind of both faults, in the one language and in the other. */
async function faultsAreListed(reviewer) {
  for (const language of ["en", "zh-CN"]) {
    await changeLanguage(reviewer, language);
    await fault(reviewer, 5, "身份证号", "import-fault-identity-number");
    await fault(reviewer, 6, "行政区划", "import-fault-unknown-division");
    assert.doesNotMatch(await reviewer.page.locator("main").innerText(), new RegExp(faulty[0].cells[3]), "the identity number is masked");
    await reviewer.check("import-faults-of-a-run");
    await reviewer.follow("import-faults-all", reviewer.titled("import-faults"));
    await fault(reviewer, 5, "身份证号", "import-fault-identity-number");
    await reviewer.check("import-faults");
    await reviewer.page.goBack();
    await reviewer.see("import-state-checked");
  }
}

async function fault(reviewer, line, column, kind) {
  const lines = reviewer.page.getByRole("row").filter({ hasText: reviewer.words(kind) });
  assert.equal(await lines.count(), 1, reviewer.words(kind));
  const text = await lines.innerText();
  assert.match(text, new RegExp(`(^|\\s)${line}\\s`), `row ${line} in: ${text}`);
  assert.ok(text.includes(column), `${column} in: ${text}`);
}

async function changeLanguage(reviewer, language) {
  await reviewer.page.getByRole("button", { name: reviewer.words("shell-other-language-name"), exact: true }).click();
  reviewer.look.language = language;
  await reviewer.page.locator(`html[lang="${language}"]`).waitFor();
  await reviewer.page.waitForLoadState();
}

async function search(reviewer, text) {
  await reviewer.go("/licences");
  await reviewer.write("licence-filter-words", text);
  const found = reviewer.page.waitForURL((address) => address.search.includes(text));
  await reviewer.page.locator("main").getByRole("button", { name: reviewer.words("licence-filter-apply"), exact: true }).click();
  await found;
  await reviewer.page.waitForLoadState("networkidle");
}

async function standsInTheRegister(reviewer, shop) {
  await search(reviewer, shop.number);
  await reviewer.page.locator("main").getByRole("link", { name: shop.number }).click();
  await reviewer.see(reviewer.page.getByRole("heading", { level: 1, name: shop.shop }));
  await reviewer.check("licence-imported");
}

async function showsTheChange(reviewer) {
  const change = reviewer.page.getByRole("row").filter({ hasText: moved.to });
  assert.equal(await change.count(), 1);
  const cells = await change.getByRole("cell").allInnerTexts();
  assert.deepEqual(cells.map((cell) => cell.trim()), [moved.from, moved.to]);
}
