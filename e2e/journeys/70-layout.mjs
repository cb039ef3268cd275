// "Can I open here?": by coordinates, by the map (pointer and keyboard), by an outlet of the register, and without script.
import assert from "node:assert/strict";
import { test } from "node:test";

/** Ten metres from the made-up school of Xitang. */
const beside = { longitude: "120.890100", latitude: "30.940000" };

export default function layout(house) {
  for (const look of [{ language: "zh-CN", width: 1280 }, { language: "en", width: 360, theme: "dark" }]) {
    test(`a point is held against every rule (${look.language}, ${look.width} px)`, { timeout: 120_000 }, async () => {
      const clerk = await house.signedIn("clerk", look);
      const foreign = watchRequests(clerk, house);
      await clerk.go("/");
      await fromTheMenu(clerk);
      await mapIsDrawn(clerk);
      await clerk.check("layout-empty");
      await pickOnTheMap(clerk);
      await ask(clerk, beside);
      await marked(clerk);
      await mapIsDrawn(clerk);
      await clerk.check("layout-answer");
      await clerk.write("layout-field-longitude", "121.47");
      await clerk.press("layout-answer", "layout-errors");
      await clerk.refusedAt("layout-field-longitude", "layout-refusal-outside");
      await clerk.check("layout-refused");
      assert.deepEqual(foreign, [], "no request to another host");
      await clerk.leave();
    });
  }

  test("an outlet of the register is asked about, from its own page", { timeout: 120_000 }, async () => {
    const inspector = await house.signedIn("inspector");
    await inspector.go("/licences?standing=valid");
    await inspector.page.locator("main th[scope=row] a").first().click();
    await inspector.page.waitForURL(/\/licences\/[0-9a-f-]+$/);
    await mapIsDrawn(inspector);
    await inspector.check("licence-with-map");
    await inspector.follow("layout-link", "layout-result");
    await inspector.check("layout-outlet");
    await inspector.leave();
  });

  test("the answer needs no script", { timeout: 60_000 }, async () => {
    const clerk = await house.signedIn("clerk", { script: false, width: 360 });
    await clerk.go("/layout");
    await ask(clerk, beside);
    await marked(clerk);
    await clerk.check("layout-without-script");
    await clerk.leave();
  });
}

/** Addresses outside of the node that the page asked for. */
function watchRequests(visitor, house) {
  const foreign = [];
  visitor.page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(house.address) && !/^(data|blob):/.test(address)) foreign.push(address);
  });
  return foreign;
}

async function fromTheMenu(clerk) {
  const entry = clerk.page.getByRole("link", { name: clerk.words("menu-layout"), exact: true });
  if (!(await entry.first().isVisible())) await clerk.page.locator(".dock summary").click();
  await entry.locator("visible=true").first().click();
  await clerk.see(clerk.titled("layout-title"));
}

async function mapIsDrawn(visitor) {
  await visitor.see(visitor.page.locator("region-map canvas").first());
  await visitor.page.waitForLoadState("networkidle");
}

/** By pointer; then by keyboard alone: move the map, and take its middle. */
async function pickOnTheMap(clerk) {
  const map = clerk.page.locator("region-map");
  await map.scrollIntoViewIfNeeded();
  await map.click({ position: { x: 120, y: 140 } });
  const clicked = await place(clerk);
  assert.match(clicked.longitude, /^12[01]\.\d{6}$/);
  assert.match(clicked.latitude, /^3[01]\.\d{6}$/);
  await map.focus();
  await clerk.page.keyboard.press("ArrowRight");
  await clerk.page.getByRole("button", { name: clerk.words("shell-take-centre") }).press("Enter");
  const taken = await place(clerk);
  assert.notDeepEqual(taken, clicked);
  assert.match(taken.longitude, /^12[01]\.\d{6}$/);
}

async function place(clerk) {
  return {
    longitude: await clerk.field("layout-field-longitude").inputValue(),
    latitude: await clerk.field("layout-field-latitude").inputValue(),
  };
}

async function ask(clerk, { longitude, latitude }) {
  await clerk.write("layout-field-longitude", longitude);
  await clerk.write("layout-field-latitude", latitude);
  await clerk.pick("layout-field-area", clerk.words("licence-area-town"));
  await clerk.press("layout-answer", "layout-result");
}

/** Every example says so, and the whole is undetermined whatever the examples say. */
async function marked(clerk) {
  const answer = clerk.page.locator("#answer");
  const examples = answer.locator(".card", { hasText: clerk.words("layout-no-ground-example") });
  assert.ok((await examples.count()) >= 3, "the examples are shown");
  for (const card of await examples.all()) {
    assert.ok(await card.locator(".tag", { hasText: clerk.words("layout-example-mark") }).isVisible());
  }
  assert.ok((await answer.innerText()).includes(clerk.words("layout-answer-not-whole")));
}
