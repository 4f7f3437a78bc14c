// The pages in Chromium, served by `wasmformer studio`, for the tests of a file.
//
// CHROMIUM names the browser; the default is /usr/bin/chromium. Without a browser the tests are skipped.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { after, before } from "node:test";

import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

import { COMMAND, ROOT } from "./command.js";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const missing = [COMMAND, CHROMIUM].filter((path) => !existsSync(path));
/** Why the tests are skipped; false if they are not. */
export const skip = missing.length > 0 ? `no ${missing.join(", no ")}` : false;
/** The sizes of a phone and of a desk. */
export const SIZES = [
  { width: 375, height: 800 },
  { width: 1440, height: 900 },
];

/** How long a test waits for a page, in milliseconds: long runs are slow on a busy machine. */
export const PATIENCE = 120_000;

export let studio: ChildProcess;
export let browser: Browser;
/** The address of the studio, with a slash at its end. */
export let address: string;
/** What the studio said when it began. */
export let said = "";

/** Starts the studio with these arguments, and the browser, for the tests of this file. */
export function serve(...words: string[]): void {
  before(async () => {
    if (skip !== false) return;
    studio = spawn(COMMAND, ["studio", "--port", "0", ...words], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    said = await new Promise<string>((resolve, reject) => {
      studio.once("error", reject);
      let line = "";
      studio.stdout?.on("data", (part: Buffer) => {
        line += part.toString();
        if (line.includes("\n")) resolve(line);
      });
    });
    address = `${said.split("/").slice(0, 3).join("/")}/`;
    const flags = [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ];
    browser = await chromium.launch({ executablePath: CHROMIUM, args: flags });
  });
  after(async () => {
    if (skip !== false) return;
    await browser.close();
    studio.kill("SIGINT");
  });
}

/** What a browser says on its console when the server refuses a program. A page cannot keep it from that. */
export const REFUSED = "Failed to load resource: the server responded with a status of 422 (Unprocessable Content)";

/**
 * A page in a fresh context. An error on the page, or a request to another server, fails the test. `close`
 * takes the errors that are expected, and fails if they do not come.
 */
export async function visit(
  path: string,
  options: Parameters<Browser["newContext"]>[0] = {},
  origin = address,
): Promise<{ page: Page; context: BrowserContext; close: (expected?: string[]) => Promise<void> }> {
  const context = await browser.newContext({ viewport: SIZES[1] ?? null, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("data:")) complaints.push(`loads ${request.url()}`);
  });
  await page.goto(origin + path);
  const close = async (expected: string[] = []): Promise<void> => {
    await context.close();
    assert.deepEqual(complaints, expected, path);
  };
  return { page, context, close };
}
