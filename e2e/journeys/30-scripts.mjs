// The scripts that follow uploads, long jobs and acts, against answers made up by the test.
import assert from "node:assert/strict";
import { test } from "node:test";

const html = { contentType: "text/html; charset=utf-8" };

export default function scripts(house) {
  test("an upload shows the answer of the node in place, under its address", async () => {
    const { officer, page } = await atGallery(house);
    await page.route("**/gallery", (route) => {
      if (route.request().method() !== "POST") return route.continue();
      return route.fulfill({ ...html, status: 422, body: answer("材料已收到") });
    });
    await page.setInputFiles("#field-papers", { name: "营业执照.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(400_000) });
    assert.match(await page.locator(".file-list").innerText(), /营业执照\.pdf · 390\.6 KB/);
    await page.click("form[data-upload] button[type=submit]");
    await page.waitForSelector("text=材料已收到");
    assert.equal(await page.title(), "材料已收到");
    officer.forgive(/422/);
    await officer.leave();
  });

  test("an upload that breaks off says so and can be sent again", async () => {
    const { officer, page } = await atGallery(house);
    await page.route("**/gallery", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
    await page.setInputFiles("#field-papers", { name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(10) });
    await page.click("form[data-upload] button[type=submit]");
    await page.waitForSelector("text=上传未完成");
    assert.equal(await page.locator("form[data-upload][data-sent]").count(), 0);
    await officer.leave();
  });

  test("a long job is followed until it is finished; then the page is loaded again", async () => {
    const { officer, page } = await atGallery(house);
    const steps = [40, 80, 100].map((done) => ({ done, total: 100, text: `已读 ${done} / 100 行`, finished: done === 100 }));
    await page.route("**/made-up-job", (route) => route.fulfill({ json: steps.shift() }));
    const again = page.waitForEvent("load");
    await add(page, `<job-progress data-href="/made-up-job"><div><span class="progress-text"></span></div><progress value="0" max="100" aria-label="导入"></progress></job-progress>`);
    await page.waitForSelector("text=已读 40 / 100 行");
    assert.equal(await page.locator("job-progress progress").evaluate((bar) => bar.value), 40);
    await again;
    assert.equal(steps.length, 0);
    await officer.leave();
  });

  test("an act of someone else brings the new content", async () => {
    const { officer, page } = await atGallery(house, { acts: { number: 7, kinds: ["application.accepted"], matters: ["application/1"] } });
    await page.route("**/gallery", (route) => route.fulfill({ ...html, body: answer("已由他人受理") }));
    await add(page, `<live-update data-topic="application/1" data-note="申请有变化" hidden></live-update>`);
    await page.waitForSelector("main >> text=已由他人受理");
    assert.match(await page.locator("#announcements").innerText(), /申请有变化/);
    await officer.leave();
  });

  test("what is being typed is never overwritten by news", async () => {
    const { officer, page } = await atGallery(house, { acts: { number: 7, kinds: ["application.accepted"], matters: ["application/1"] } });
    await page.fill("#field-opinion", "经审查，申请人");
    await add(page, `<live-update data-topic="application/1" data-note="" hidden></live-update>`);
    await page.waitForSelector(".fresh a");
    assert.equal(await page.inputValue("#field-opinion"), "经审查，申请人");
    await officer.check("gallery-news");
    await officer.leave();
  });

  test("a matter that is none of this page's changes nothing", async () => {
    const { officer, page } = await atGallery(house, { acts: { number: 7, kinds: ["licence.granted"], matters: ["licence/9"] } });
    let fetched = 0;
    const heard = page.waitForRequest("**/live");
    await add(page, `<live-update data-topic="application/1" data-note="" hidden></live-update>`);
    page.on("request", (request) => (fetched += Number(request.url().endsWith("/gallery"))));
    await heard;
    await page.waitForTimeout(900);
    assert.equal(fetched, 0);
    assert.equal(await page.locator(".fresh").count(), 0);
    await officer.leave();
  });
}

async function atGallery(house, { acts } = {}) {
  const officer = await house.signedIn("clerk");
  const { page } = officer;
  const news = acts ? `retry: 60000\nevent: acts\nid: ${acts.number}\ndata: ${JSON.stringify(acts)}\n\n` : ": \n\n";
  await page.route("**/live", (route) => route.fulfill({ contentType: "text/event-stream", body: news }));
  await officer.go("/gallery");
  await page.evaluate(() => document.activeElement.blur());
  return { officer, page };
}

async function add(page, markup) {
  await page.evaluate((text) => document.getElementById("main").insertAdjacentHTML("beforeend", text), markup);
}

function answer(text) {
  return `<!doctype html><html lang="zh-CN"><head><title>${text}</title></head><body data-signed-in><main id="main" tabindex="-1"><h1>${text}</h1></main><div id="announcements"></div></body></html>`;
}
