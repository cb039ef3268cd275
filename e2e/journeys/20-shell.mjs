// The shell: keyboard, language, appearance, and the same without script.
import assert from "node:assert/strict";
import { test } from "node:test";

const anyRole = "clerk";

export default function shell(house) {
  test("keyboard: skip link first, / goes to the search, Escape closes the menu", async () => {
    const officer = await house.signedIn(anyRole);
    const { page } = officer;
    await officer.go("/");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "#main");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "search");
    await page.click(".pop > summary");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.querySelector(".pop").open), false);
    await officer.leave();
  });

  for (const script of [true, false]) {
    const how = script ? "with script" : "without script";

    test(`language changes with one press and is kept, ${how}`, async () => {
      const officer = await house.signedIn(anyRole, { script });
      await officer.page.click(".top-tools button[name=language]");
      await officer.page.waitForLoadState();
      officer.look.language = "en";
      await officer.go("/account");
      await officer.check(`language-${script}`);
      await officer.leave();
    });

    test(`dark and dense are chosen and kept, ${how}`, async () => {
      const officer = await house.signedIn(anyRole, { script });
      const { page } = officer;
      for (const [name, value] of [["theme", "dark"], ["density", "dense"]]) {
        await page.locator(".pop").evaluate((pop) => (pop.open = true));
        const kept = page.waitForResponse((answer) => answer.url().endsWith("/preferences"));
        await page.click(`.pop button[name=${name}][value=${value}]`);
        await kept;
        await page.waitForLoadState();
      }
      officer.look.theme = "dark";
      await officer.go("/account");
      assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
      assert.equal(await page.locator("html").getAttribute("data-density"), "dense");
      await officer.check(`appearance-${script}`);
      await officer.leave();
    });
  }

  test("the parts: error summary takes the focus and leads to its field, a question unfolds", async () => {
    const officer = await house.signedIn(anyRole);
    const { page } = officer;
    await officer.go("/gallery");
    assert.equal(await page.evaluate(() => document.activeElement.localName), "error-summary");
    await page.click("error-summary a[href='#field-name']");
    assert.equal(await page.evaluate(() => document.activeElement.id), "field-name");
    await page.click("details.confirm > summary");
    assert.equal(await page.evaluate(() => document.activeElement.id), "field-reason");
    await page.click("text=/期限计算存在不同理解/");
    await officer.check("gallery-open");
    await officer.leave();
  });

  test("a sorted table is exchanged in place and the address follows", async () => {
    const officer = await house.signedIn(anyRole);
    await officer.go("/gallery");
    await officer.page.evaluate(() => (window.sameDocument = true));
    await officer.page.click("[data-results] .sort >> nth=1");
    await officer.page.waitForURL(/sort=name/);
    assert.equal(await officer.page.evaluate(() => window.sameDocument), true);
    assert.equal(await officer.page.locator("[data-results]").count(), 1);
    await officer.check("gallery-sorted");
    await officer.leave();
  });

  test("printed pages leave menu, search and buttons out", async () => {
    const officer = await house.signedIn(anyRole);
    await officer.go("/gallery");
    await officer.page.emulateMedia({ media: "print" });
    for (const part of [".side", ".top-search", ".top-tools", ".filter"]) {
      assert.equal(await officer.page.locator(part).isVisible(), false, `${part} is printed`);
    }
    assert.equal(await officer.page.locator("h1").isVisible(), true);
    await officer.leave();
  });
}

async function focused(page) {
  return page.evaluate(() => document.activeElement.getAttribute("href"));
}
