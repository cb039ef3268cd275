// Starts one demo node and one browser, and runs every journey of journeys/ in the order of their names.
import { readdir } from "node:fs/promises";
import { after, before, describe } from "node:test";
import { House } from "./support/house.mjs";

const house = new House();
const folder = new URL("./journeys/", import.meta.url);
// One file alone: COMITY_JOURNEY=shell npm test
const wanted = process.env.COMITY_JOURNEY ?? "";
const names = (await readdir(folder)).filter((name) => name.endsWith(".mjs") && name.includes(wanted)).sort();
const journeys = await Promise.all(names.map((name) => import(new URL(name, folder).href)));

describe("journeys", { concurrency: 1 }, () => {
  before(() => house.open(), { timeout: 300_000 });
  after(() => house.close());
  for (const journey of journeys) journey.default(house);
});
