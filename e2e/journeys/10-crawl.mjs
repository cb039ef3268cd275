// Every page an officer can reach from the menu, by links, in both languages, light and dark, on desk and phone.
import assert from "node:assert/strict";
import { test } from "node:test";

const looks = [
  { language: "zh-CN", theme: "light", width: 1280 },
  { language: "zh-CN", theme: "dark", width: 360 },
  { language: "en", theme: "light", width: 360 },
  { language: "en", theme: "dark", width: 1280 },
];
const mostPages = 150;

export default function crawl(house) {
  test("pages for someone who is not signed in", async () => {
    for (const look of looks) {
      const visitor = await house.visitor(look);
      assert.equal(await visitor.go("/login"), 200);
      await visitor.check("login");
      assert.equal(await visitor.go("/no-such-page"), 404);
      visitor.forgive(/404/);
      await visitor.check("missing");
      await visitor.leave();
    }
  });

  test("every page reachable from the menu, for every role", { timeout: 1_800_000 }, async (t) => {
    const seen = new Set();
    const faults = [];
    for (const role of house.roles) {
      const pages = await reachable(house, role, seen);
      t.diagnostic(`${role}: ${pages.length} pages of their own`);
      // Side by side, or the machine waits for one page at a time.
      const visits = looks.map((look) => visitAll(house, role, look, pages));
      faults.push(...(await Promise.all(visits)).flat());
    }
    assert.equal(faults.join("\n\n"), "");
    assert.ok(seen.size >= 8, `only ${seen.size} pages were found`);
  });
}

/** Visits all pages before it complains, so that one run names every fault. */
async function visitAll(house, role, look, pages) {
  const visitor = await house.signedIn(role, look);
  const faults = [];
  for (const { path, shape } of pages) {
    assert.equal(await visitor.go(path), 200, `${path} for ${role}`);
    await visitor.check(`page${shape}`).catch((fault) => faults.push(fault.message));
  }
  await visitor.leave();
  return faults;
}

/** Follows links breadth first; of pages that differ only in a number one is enough. `seen` holds shapes met by earlier roles. */
async function reachable(house, role, seen) {
  const visitor = await house.signedIn(role);
  const queue = ["/"];
  const queued = new Set(["/"]);
  const found = [];
  while (queue.length > 0 && found.length < mostPages) {
    const path = queue.shift();
    const answer = await visitor.context.request.get(path);
    assert.ok(answer.ok(), `${role} is led to ${path}, which answers ${answer.status()}`);
    if (!(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    const shape = shapeOf(path);
    const known = shape === "/" ? `${role}'s` : shape; // the home page is another one for each role
    if (!seen.has(known)) found.push({ path, shape: shape === "/" ? `/home of ${role}` : shape });
    seen.add(known);
    await visitor.go(path);
    visitor.complaints.length = 0;
    for (const link of await links(visitor.page)) {
      const linked = shapeOf(link);
      if (queued.has(linked)) continue;
      queued.add(linked);
      queue.push(link);
    }
  }
  await visitor.leave();
  return found;
}

async function links(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("a[href]:not([download])")]
      .map((link) => new URL(link.href))
      .filter((address) => address.origin === location.origin)
      .map((address) => address.pathname + address.search),
  );
}

/** `/licences/0193…?page=2` → `/licences/{}?page`. */
function shapeOf(path) {
  const { pathname, searchParams } = new URL(path, "http://node");
  const steps = pathname.split("/").map((step) => (/\d/.test(step) ? "{}" : step));
  const names = [...searchParams.keys()].sort().join("&");
  return steps.join("/") + (names ? `?${names}` : "");
}
