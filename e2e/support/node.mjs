// Runs the program's demo on a free loopback port with a data folder of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The program looks for its fonts in target/fonts of the folder it runs in. */
const root = fileURLToPath(new URL("../../", import.meta.url));

const longestStart = 240_000;
const longestEnd = 15_000;

export class DemoNode {
  static async start() {
    const program = process.env.COMITY_BINARY;
    if (!program) throw new Error("COMITY_BINARY must name the program, for example ../target/debug/comity");
    const node = new DemoNode();
    node.folder = await mkdtemp(join(tmpdir(), "comity-e2e-"));
    const port = await freePort();
    node.address = `http://127.0.0.1:${port}`;
    node.output = "";
    node.process = spawn(resolve(program), ["demo", "--data", node.folder, "--address", `127.0.0.1:${port}`], { cwd: root });
    node.process.on("error", (fault) => (node.output += String(fault)));
    for (const stream of [node.process.stdout, node.process.stderr]) stream.on("data", (text) => (node.output += text));
    await node.ready();
    node.logins = JSON.parse(await readFile(join(node.folder, "logins.json"), "utf8"));
    return node;
  }

  async ready() {
    const until = Date.now() + longestStart;
    while (Date.now() < until) {
      if (this.process.exitCode !== null) break;
      const answer = await fetch(`${this.address}/health`).catch(() => undefined);
      if (answer?.ok) return;
      await pause(200);
    }
    await this.stop();
    throw new Error(`the demo node did not start:\n${this.output}`);
  }

  async stop() {
    if (this.process.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, "exit");
      this.process.kill("SIGTERM");
      const inTime = await Promise.race([ended.then(() => true), pause(longestEnd, false, { ref: false })]);
      if (!inTime) this.process.kill("SIGKILL");
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
