// A demo node of its own and a browser: what a journey needs.
import { chromium } from "playwright-core";
import { DemoNode } from "./node.mjs";
import { Visitor } from "./visitor.mjs";

const executablePath = process.env.COMITY_CHROMIUM ?? "/usr/bin/chromium";
const switches = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class House {
  async open() {
    this.node = await DemoNode.start();
    this.browser = await chromium.launch({ executablePath, args: switches });
  }

  async close() {
    await this.browser?.close();
    await this.node?.stop();
  }

  get address() {
    return this.node.address;
  }

  /** The officer of the demo with this role, e.g. "clerk". */
  officer(role) {
    const officer = this.node.logins.find((login) => login.role === role);
    if (!officer) throw new Error(`the demo has no officer with the role ${role}`);
    return officer;
  }

  /** The officer of the demo with this login, e.g. "inspector2". */
  colleague(login) {
    const officer = this.node.logins.find((each) => each.login === login);
    if (!officer) throw new Error(`the demo has no officer ${login}`);
    return officer;
  }

  get roles() {
    return [...new Set(this.node.logins.map((login) => login.role))];
  }

  /** A browser of its own for one person; `look` is language, theme, width, script. */
  async visitor(look = {}) {
    return Visitor.come(this, look);
  }

  /** The same, signed in. */
  async signedIn(role, look = {}) {
    const visitor = await this.visitor(look);
    await visitor.signIn(this.officer(role));
    return visitor;
  }
}
