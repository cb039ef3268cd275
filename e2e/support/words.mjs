// The words on the screen, looked up by their key, so that a journey follows a text when it is rewritten.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../text/", import.meta.url));
const languages = Object.fromEntries(await Promise.all(["zh-CN", "en"].map(async (language) => [language, await read(language)])));

/** The text of a key; each `{ $name }` in it is replaced by the given value. */
export function words(language, key, values = {}) {
  const text = languages[language].get(key);
  if (text === undefined) throw new Error(`there is no text ${key} in ${language}`);
  return text.replace(/\{ *\$(\w+) *\}/g, (_, name) => String(values[name]));
}

async function read(language) {
  const names = (await readdir(join(folder, language))).filter((name) => name.endsWith(".ftl"));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, language, name), "utf8")));
  return new Map(texts.flatMap((text) => [...text.matchAll(/^([a-z][a-z0-9-]*) *= *(.+)$/gm)].map(([, key, value]) => [key, value])));
}
