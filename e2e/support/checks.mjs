// What must hold for every page.
import assert from "node:assert/strict";
import { mkdir, readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const root = fileURLToPath(new URL("../../", import.meta.url));
const pictures = join(root, "target/screenshots");
const keys = await textKeys();

export async function check(visitor, name) {
  const { page, look } = visitor;
  const label = `${name} (${look.language}, ${look.theme}, ${look.width} px)`;
  await keepPicture(page, `${name}-${look.language}-${look.theme}-${look.width}`);
  const faults = [
    ...visitor.complaints.splice(0),
    ...(await inPage(page, overflowing)),
    ...(look.width < 768 ? await inPage(page, smallTargets) : []),
    ...(await inPage(page, shownKeys, keys)),
    ...(await language(page, look)),
    ...(look.script ? await barriers(page) : []),
  ];
  assert.deepEqual(faults, [], `${label} at ${page.url()}`);
}

/** Axe's findings that keep someone out; lesser ones are listed by it but do not fail. */
async function barriers(page) {
  const { violations } = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, help, nodes }) => `axe ${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

async function language(page, look) {
  const shown = await page.locator("html").getAttribute("lang");
  return shown === look.language ? [] : [`the page is in ${shown}`];
}

async function inPage(page, probe, argument) {
  return page.evaluate(probe, argument);
}

function overflowing() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > width + 1);
  return wide.slice(0, 5).map((each) => `wider than the screen: <${each.localName} class="${each.className}">`);
}

/** 44 px for what a finger presses; links inside sentences are exempt (WCAG 2.5.8). */
function smallTargets() {
  const targets = [...document.querySelectorAll("button, summary, select, input, textarea, .button, .dock a, th[scope=row] a")];
  const small = targets.filter((each) => {
    const box = (each.closest("label") ?? each.closest(".file-field") ?? each).getBoundingClientRect();
    const hidden = each.matches("[type=hidden], .visually-hidden") || !each.checkVisibility() || box.width === 0;
    return !hidden && box.height < 43.5;
  });
  return small.slice(0, 5).map((each) => `lower than 44 px: ${each.outerHTML.slice(0, 120)}`);
}

/** A text key that reached the screen instead of its text. */
function shownKeys(known) {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  const names = new Set(known);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    if (names.has(text)) found.push(`a text key is shown: ${text}`);
  }
  return found;
}

async function textKeys() {
  const folder = join(root, "text/zh-CN");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".ftl"));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const found = texts.flatMap((text) => [...text.matchAll(/^([a-z][a-z0-9-]*) *=/gm)].map(([, key]) => key));
  // One-word keys could be ordinary words of a page.
  return found.filter((key) => key.includes("-"));
}

async function keepPicture(page, name) {
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name.replace(/[^\w-]+/g, "_")}.png`), fullPage: true });
}
