// One person at one browser. Everything the browser complains about is kept and fails the next check.
import assert from "node:assert/strict";
import { check } from "./checks.mjs";
import { words } from "./words.mjs";

const plain = { language: "zh-CN", theme: "light", density: "roomy", width: 1280, height: 800, script: true };

const longestWait = 15_000;

export class Visitor {
  static async come(house, look) {
    const visitor = new Visitor();
    visitor.house = house;
    visitor.look = { ...plain, ...look };
    const { width, height, script, language } = visitor.look;
    visitor.context = await house.browser.newContext({
      baseURL: house.address,
      viewport: { width, height },
      hasTouch: width < 768,
      javaScriptEnabled: script,
      locale: language,
      reducedMotion: "reduce",
    });
    await visitor.context.addCookies(
      ["language", "theme", "density"].map((name) => ({ name, value: visitor.look[name], url: house.address })),
    );
    visitor.page = await visitor.context.newPage();
    visitor.page.setDefaultTimeout(longestWait);
    visitor.complaints = [];
    visitor.listen();
    return visitor;
  }

  listen() {
    this.page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(`console: ${message.text()}`);
    });
    this.page.on("pageerror", (fault) => this.complaints.push(`script: ${fault.message}`));
  }

  async go(path) {
    const answer = await this.page.goto(path, { waitUntil: "load" });
    return answer?.status() ?? 0;
  }

  async signIn({ login, password }) {
    await this.go("/login");
    await this.page.fill("#field-login", login);
    await this.page.fill("#field-password", password);
    await this.page.click("main form button[type=submit]");
    await this.page.waitForLoadState();
    assert.equal(await this.page.locator("body[data-signed-in]").count(), 1, `${login} could not sign in`);
  }

  /** The text of a key in this person's language. */
  words(key, values) {
    return words(this.look.language, key, values);
  }

  /** The field with this label. */
  field(key) {
    return this.page.locator("main").getByLabel(this.words(key), { exact: true });
  }

  async write(key, value) {
    await this.field(key).fill(value);
  }

  /** Picks the entry of a list that holds `shown`. */
  async pick(key, shown) {
    const option = this.field(key).locator("option", { hasText: shown }).first();
    await this.field(key).selectOption((await option.getAttribute("value")) ?? "");
  }

  /** Ticks one answer to a question that has several. */
  async tick(question, answer) {
    const group = this.page.getByRole("group", { name: this.words(question), exact: true });
    await group.locator("label", { hasText: this.words(answer) }).first().click();
  }

  /** Presses a button and waits until `sign`, a locator or text key, is shown. */
  async press(key, sign) {
    await this.page.locator("main").getByRole("button", { name: this.words(key), exact: true }).click();
    await this.see(sign);
  }

  async follow(key, sign) {
    await this.page.locator("main").getByRole("link", { name: this.words(key), exact: true }).first().click();
    await this.see(sign);
  }

  /** Waits until the text of this key, or this locator, is shown. */
  async see(sign) {
    const shown = typeof sign === "string" ? this.page.getByText(this.words(sign)).first() : sign;
    await shown.waitFor();
    await this.page.waitForLoadState();
  }

  get heading() {
    return this.page.getByRole("heading", { level: 1 });
  }

  /** Waits for the page with this heading. */
  titled(key) {
    return this.page.getByRole("heading", { level: 1, name: this.words(key) });
  }

  /** What an answer of 422 must look like: the summary holds the focus, and the field carries the complaint. */
  async refusedAt(field, complaint) {
    const text = this.words(complaint);
    await this.page.locator("[role=alert] a", { hasText: text }).waitFor();
    if (this.look.script) assert.equal(await this.page.evaluate(() => document.activeElement.getAttribute("role")), "alert");
    const place = this.field(field);
    assert.equal(await place.getAttribute("aria-invalid"), "true");
    const notes = ((await place.getAttribute("aria-describedby")) ?? "").split(" ").filter(Boolean);
    const beside = await Promise.all(notes.map((id) => this.page.locator(`[id="${id}"]`).innerText()));
    assert.ok(beside.join(" ").includes(text), `beside ${field} stands only: ${beside.join(" ")}`);
    this.forgive(/422/);
  }

  /** Checks the page that is shown: axe, overflow, targets, complaints, texts; keeps a picture under `name`. */
  async check(name) {
    await check(this, name);
  }

  /** A browser error that this step is expected to cause, e.g. the console line of a 422. */
  forgive(pattern) {
    this.complaints = this.complaints.filter((complaint) => !pattern.test(complaint));
  }

  async leave() {
    await this.context.close();
  }
}
