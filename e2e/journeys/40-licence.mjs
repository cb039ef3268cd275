// From the counter to the licence in hand: clerk, inspector, section head and head of bureau in turn.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { identityNumber, misread } from "../support/identity.mjs";

/** Acceptance, decision, licence: there are at least these, and service may add its receipt. */
const fewestPapers = 3;
const run = promisify(execFile);
const paper = { name: "身份证明.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n% made up by the journey\n%%EOF\n") };

export default function licence(house) {
  test("an application becomes a licence in the hand of its holder", { timeout: 300_000 }, async () => {
    const matter = { person: "沈月华", shop: "魏塘街道月华食杂店", identity: identityNumber(412), seen: new Set() };

    const clerk = await house.signedIn("clerk");
    await registerWithSlip(clerk, matter);
    await proceed(clerk, matter, "application-step-acceptance", "application-done-acceptance", async () => {});
    await clerk.leave();

    const inspector = await house.signedIn("inspector", { language: "en", width: 360 });
    await open(inspector, matter);
    await proceed(inspector, matter, "application-step-check", "application-done-check", () => check(inspector, house.colleague("inspector2")));
    await inspector.leave();

    const reviewer = await house.signedIn("reviewer", { theme: "dark" });
    await open(reviewer, matter);
    await proceed(reviewer, matter, "application-step-review", "application-done-review", async () => {
      await reviewer.tick("licence-fact-conclusion", "application-review-supports");
      await reviewer.write("licence-fact-opinion", "申请材料齐全，实地核查符合条件，拟同意。");
    });
    await reviewer.leave();

    const head = await house.signedIn("head", { language: "en" });
    await open(head, matter);
    await proceed(head, matter, "application-step-decision", "application-done-decision", async () => {});
    matter.licence = (await head.page.getByRole("link", { name: /^330421\d{6}$/ }).first().innerText()).trim();
    await head.leave();

    const server = await house.signedIn("clerk", { width: 360, theme: "dark" });
    await open(server, matter);
    await proceed(server, matter, "application-step-service", "application-done-service", () => serve(server, matter, house.colleague("clerk2")));
    await server.see(server.page.locator("main").getByText(server.words("application-state-served"), { exact: true }).first());
    await openLicence(server, matter);
    const papers = [...matter.seen].filter((address) => address.startsWith("/papers/"));
    assert.ok(papers.length >= fewestPapers, `only ${papers.length} papers: ${papers.join(" ")}`);
    await server.leave();
  });

  test("an application is registered and accepted without script", { timeout: 120_000 }, async () => {
    const matter = { person: "陆建明", shop: "魏塘街道建明便利店", identity: identityNumber(517), seen: new Set() };
    const clerk = await house.signedIn("clerk", { script: false });
    await registerWithSlip(clerk, matter);
    await proceed(clerk, matter, "application-step-acceptance", "application-done-acceptance", async () => {});
    await clerk.leave();
  });
}

/** The clerk mistypes the identity number, is told so, and mends only that. */
async function registerWithSlip(clerk, matter) {
  await clerk.go("/applications");
  await clerk.check("applications-before");
  await clerk.follow("application-new", clerk.titled("application-new"));
  await clerk.check("application-new");
  await fillIn(clerk, matter);
  await clerk.write("licence-field-holder-identity-number", misread(matter.identity));
  await clerk.field("licence-material-identity").setInputFiles(paper);
  const typed = await typedIn(clerk);
  await clerk.press("application-submit", "application-errors");
  await clerk.refusedAt("licence-field-holder-identity-number", "application-refusal-identity");
  assert.deepEqual(await typedIn(clerk), typed);
  assert.equal(await clerk.page.getByRole("checkbox", { name: paper.name }).isChecked(), true, "the file is kept");
  await clerk.check("application-refused");
  await clerk.write("licence-field-holder-identity-number", matter.identity);
  await clerk.press("application-submit", "application-done-submitted");
  matter.number = (await clerk.page.locator("main header").getByText(/〔\d{4}〕/).first().innerText()).trim();
  assert.match(await clerk.page.locator("main").innerText(), new RegExp(paper.name));
  await clerk.check("application-submitted");
  await standsInTheRecord(clerk, matter);
}

async function fillIn(clerk, matter) {
  await clerk.tick("licence-field-holder-subject", "licence-subject-individual");
  await clerk.write("licence-field-holder-name", matter.person);
  await clerk.write("licence-field-holder-phone", "13800138000");
  await clerk.write("licence-field-premises-trade-name", matter.shop);
  await clerk.write("licence-field-premises-address", "嘉善县魏塘街道日晖路12号");
  await clerk.pick("licence-field-premises-division", "日晖社区");
  await clerk.write("licence-field-premises-point", "120.923456, 30.841234");
  await clerk.pick("licence-field-premises-kind", clerk.words("licence-premises-grocery"));
  await clerk.tick("licence-field-premises-area", "licence-area-urban");
  await clerk.tick("licence-field-scope", "licence-scope-cigarettes");
}

/** Everything the form holds, but for files, which a page may not fill in. */
async function typedIn(clerk) {
  const fields = clerk.page.locator("main form :is(input:not([type=hidden], [type=file], [name=kept]), select, textarea)");
  return fields.evaluateAll((all) => all.map(({ name, value, type, checked }) => [name, /radio|checkbox/.test(type) ? `${value} ${checked}` : value]));
}

/** Finds the application by its number, as someone who was told it. */
async function open(officer, matter) {
  await officer.go("/applications");
  const folded = !(await officer.field("licence-filter-words").isVisible());
  if (folded) await officer.page.locator("main summary", { hasText: officer.words("licence-filter-apply") }).click();
  await officer.write("licence-filter-words", matter.shop);
  await officer.press("licence-filter-apply", officer.page.getByRole("link", { name: matter.number }));
  await officer.page.getByRole("link", { name: matter.number }).click();
  await officer.see(officer.page.getByRole("heading", { level: 1, name: matter.shop }));
}

/** One step: open it, fill it in, press its button; then hold its papers and its entries in the record. */
async function proceed(officer, matter, step, done, fill) {
  await officer.follow(step, officer.titled(step));
  await officer.check(step);
  await fill();
  await officer.press(step, done);
  await officer.check(done);
  await papersHold(officer, matter);
  await standsInTheRecord(officer, matter);
}

async function check(inspector, second) {
  await inspector.pick("application-field-second", second.name);
  await inspector.write("licence-fact-findings", "经营场所与住所相独立，门牌与申请一致。");
  await inspector.tick("licence-fact-separate", "licence-yes");
  await inspector.write("application-field-floor-area", "35.6");
  await inspector.write("application-field-outlet-distance", "120");
  await inspector.write("application-field-school-distance", "430");
  await inspector.write("licence-fact-method", "激光测距仪，自门口中点沿人行道测量");
  await inspector.tick("licence-fact-conclusion", "application-check-meets");
}

async function serve(server, matter, second) {
  await server.pick("licence-fact-way", server.words("licence-way-direct"));
  await server.write("licence-fact-receiver", matter.person);
  await server.write("licence-fact-relation", "本人");
  await server.write("licence-fact-time", await minuteOfTheNode(server));
  await server.pick("application-field-server-second", second.name);
}

/** The demo has a clock of its own; its hour stands on every page. */
async function minuteOfTheNode(visitor) {
  const shown = await visitor.page.locator("aside time").innerText();
  return shown.match(/\d{2}:\d{2}/)[0];
}

/** Opens every paper not yet opened: a PDF in which its own number can be read. */
async function papersHold(officer, matter) {
  const papers = officer.page.getByRole("listitem").filter({ has: officer.page.locator('a[href^="/papers/"]') });
  for (const line of await papers.all()) {
    const address = await line.getByRole("link").getAttribute("href");
    if (matter.seen.has(address)) continue;
    matter.seen.add(address);
    const answer = await officer.context.request.get(address);
    assert.equal(answer.status(), 200, address);
    const file = await answer.body();
    assert.equal(file.subarray(0, 4).toString("latin1"), "%PDF", address);
    const number = (await line.innerText()).match(/嘉善烟\S*〔\d{4}〕第\d+号|330421\d{6}/)?.[0];
    assert.ok(number, `no number beside the paper: ${await line.innerText()}`);
    assert.ok((await textOf(file)).includes(number), `${number} does not stand in the paper ${address}`);
  }
}

async function textOf(file) {
  const folder = await mkdtemp(join(tmpdir(), "comity-paper-"));
  try {
    await writeFile(join(folder, "paper.pdf"), file);
    const { stdout } = await run("pdftotext", ["-layout", join(folder, "paper.pdf"), "-"]);
    return stdout.replace(/\s+/g, "");
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Follows the proof of every entry not yet followed, to the page that computes it anew. */
async function standsInTheRecord(officer, matter) {
  const back = officer.page.url();
  const proofs = officer.page.locator("main").getByRole("link", { name: new RegExp(`^${officer.words("part-proof")}`) });
  const addresses = await proofs.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  const fresh = addresses.filter((address) => !matter.seen.has(address));
  assert.ok(fresh.length > 0, "the step left nothing in the record");
  for (const address of fresh) {
    matter.seen.add(address);
    await officer.page.locator(`main a[href="${address}"]`).first().click();
    await officer.see(officer.page.getByText(officer.words("act-proof-holds"), { exact: true }));
    await officer.check("record-of-a-step");
    await officer.go(back);
  }
}

async function openLicence(officer, matter) {
  await officer.page.getByRole("link", { name: matter.licence }).first().click();
  await officer.see(officer.page.getByRole("heading", { level: 1, name: matter.shop }));
  assert.match(await officer.page.locator("main").innerText(), new RegExp(matter.licence));
  await officer.check("licence-in-hand");
  await papersHold(officer, matter);
}
