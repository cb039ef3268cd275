// One person at one browser. Everything the browser complains about is kept and fails the next check.
import assert from "node:assert/strict";
import { check } from "./checks.mjs";

const plain = { language: "zh-CN", theme: "light", density: "roomy", width: 1280, height: 800, script: true };

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
