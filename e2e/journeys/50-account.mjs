// An officer is appointed, comes in with a password handed over on paper, and keeps the own account in order.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

const login = "counter-new";
const name = "钟小满";
const own = "晨雾里的西塘廊棚很安静";

export default function account(house) {
  test("a new officer comes in by a one-time password and makes the account their own", { timeout: 180_000 }, async () => {
    const password = await appointed(house);

    const officer = await house.visitor();
    await knock(officer, password);
    await officer.see(officer.titled("password-title"));
    await officer.see("password-forced");
    await officer.check("password-forced");
    await isHeldAtThePassword(officer);
    await chooses(officer, password, "1234567890");
    await officer.press("password-button", "form-errors");
    await officer.refusedAt("password-new", "password-refusal-plain");
    await officer.check("password-weak");
    await chooses(officer, password, own);
    await officer.press("password-button", "account-password-changed");
    await officer.check("account-after-password");
    await onceOnly(house, password);

    await revokesAnotherDevice(house, officer);
    await keepsTheLanguage(officer);
    await setsUpTheSecondFactor(officer);
    await officer.leave();
  });
}

/** The administrator appoints; the password is shown to them once. */
async function appointed(house) {
  const administrator = await house.signedIn("administrator");
  await administrator.go("/officers");
  await administrator.follow("officers-appoint", administrator.titled("officers-appoint"));
  await administrator.check("officer-appoint");
  await administrator.write("officer-name", name);
  await administrator.write("officer-login", "Not A Login");
  await administrator.tick("officer-roles", "role-clerk");
  await administrator.write("officer-territory", "330421");
  await administrator.write("officer-team", "政务服务窗口");
  await administrator.press("officers-appoint", "form-errors");
  await administrator.refusedAt("officer-login", "officer-refusal-login-form");
  assert.equal(await administrator.field("officer-name").inputValue(), name);
  await administrator.check("officer-appoint-refused");
  await administrator.write("officer-login", login);
  await administrator.press("officers-appoint", administrator.titled("one-time-title"));
  await administrator.check("one-time-password");
  const password = (await administrator.page.getByRole("definition").filter({ hasText: /-/ }).last().innerText()).trim();
  await administrator.follow("one-time-done", administrator.page.getByRole("heading", { level: 1, name }));
  assert.doesNotMatch(await administrator.page.content(), new RegExp(password), "the password is shown a second time");
  await administrator.check("officer-appointed");
  await administrator.leave();
  return password;
}

async function knock(visitor, password) {
  await visitor.go("/login");
  await visitor.write("sign-in-login", login);
  await visitor.write("sign-in-password", password);
  await visitor.page.locator("main").getByRole("button", { name: visitor.words("sign-in-button"), exact: true }).click();
}

/** No other page opens before the password is changed. */
async function isHeldAtThePassword(officer) {
  for (const path of ["/", "/applications", "/account"]) {
    await officer.go(path);
    await officer.see(officer.titled("password-title"));
  }
}

async function chooses(officer, current, chosen) {
  await officer.write("password-current", current);
  await officer.write("password-new", chosen);
  await officer.write("password-again", chosen);
}

/** Whoever finds the paper later cannot use it. */
async function onceOnly(house, password) {
  const finder = await house.visitor();
  await knock(finder, password);
  await finder.see("sign-in-refusal");
  finder.forgive(/422/);
  await finder.check("sign-in-refused");
  await finder.leave();
}

async function revokesAnotherDevice(house, officer) {
  const elsewhere = await house.visitor({ language: "en", width: 360 });
  await elsewhere.signIn({ login, password: own });
  await elsewhere.go("/account");
  await elsewhere.see("account-this-device");
  await elsewhere.check("account-two-devices");

  await officer.go("/account");
  const ending = officer.page.getByRole("button", { name: officer.words("account-end-device"), exact: true });
  assert.equal(await ending.count(), 1, "one other device");
  await officer.press("account-end-device", "account-device-ended");
  assert.equal(await ending.count(), 0);
  await officer.check("account-device-ended");

  await elsewhere.go("/applications");
  await elsewhere.see(elsewhere.titled("sign-in-title"));
  await elsewhere.leave();
}

/** The language is that of the browser's user, also when they come back. */
async function keepsTheLanguage(officer) {
  await officer.page.getByRole("button", { name: officer.words("shell-other-language-name"), exact: true }).click();
  officer.look.language = "en";
  await officer.see(officer.titled("account-title"));
  await officer.page.locator(".top details summary").click();
  await officer.page.getByRole("button", { name: officer.words("shell-logout"), exact: true }).click();
  await officer.see(officer.titled("sign-in-title"));
  await officer.check("signed-out");
  await officer.signIn({ login, password: own });
  await officer.go("/account");
  await officer.see(officer.titled("account-title"));
  await officer.check("account-language-kept");
}

/** From the picture on the page to the code at the next sign-in. */
async function setsUpTheSecondFactor(officer) {
  await officer.follow("factor-title", officer.titled("factor-title"));
  await officer.check("factor-none");
  await officer.press("factor-set-up", officer.titled("factor-set-up"));
  await officer.see(officer.page.getByRole("img", { name: officer.words("factor-picture") }));
  await officer.check("factor-set-up");
  const secret = (await officer.page.getByRole("definition").filter({ hasText: /^[A-Z2-7]{32}$/ }).innerText()).trim();
  await officer.write("factor-code", code(secret, 0));
  await officer.press("factor-enrol", officer.titled("factor-codes-title"));
  assert.equal(await officer.page.locator("main ol li").count(), 10);
  await officer.check("factor-codes");
  await officer.follow("factor-codes-done", officer.titled("factor-title"));
  await officer.check("factor-set");

  await officer.page.locator(".top details summary").click();
  await officer.page.getByRole("button", { name: officer.words("shell-logout"), exact: true }).click();
  await officer.see(officer.titled("sign-in-title"));
  await knock(officer, own);
  await officer.see(officer.titled("factor-sign-in-title"));
  await officer.check("factor-sign-in");
  await officer.write("factor-code", code(secret, 1));
  await officer.press("sign-in-button", officer.page.locator("body[data-signed-in]"));
}

/** What an authenticator shows (RFC 6238), so many steps from now: a code that was used opens nothing. */
function code(secret, steps) {
  const bits = [...secret].map((sign) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", key).update(step).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
