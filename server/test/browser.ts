import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import encodeQR from "qr";

/** A page in a real browser, as a person with a phone and a keyboard meets it. */
export interface TestPage {
  open(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Resolves once the words stand on the page, or once they do not. */
  until(words: string, isThere?: boolean): Promise<void>;
  /** Taps the button that says this. */
  tap(label: string): Promise<void>;
  /** As a scanner does that is a keyboard: key by key, then Enter. */
  type(text: string): Promise<void>;
  /** What an expression of the page comes to, once it has resolved. */
  evaluate(expression: string): Promise<unknown>;
}

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const SWITCHES = [
  ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  ...["--no-first-run", "--disable-background-networking", "--remote-debugging-port=0"],
];

const CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"];
const LOADED = "Page.loadEventFired";
const PICTURE = { width: 640, height: 480, dark: 30, light: 220 };

/** The browser of this machine: TEST_CHROMIUM, else the first that is installed; null where there is none. */
export function findBrowser(): string | null {
  const named = process.env["TEST_CHROMIUM"];
  if (named !== undefined) return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

/**
 * A page the size of a phone in a browser of its own. Both are gone after the test.
 *
 * @param shown what is held in front of its camera; left out, it has none
 */
export async function testPage(
  t: TestContext,
  browser: string,
  shown: string | null = null,
): Promise<TestPage> {
  const profile = mkdtempSync(join(tmpdir(), "tessera-browser-"));
  const video = join(profile, "camera.y4m");
  if (shown !== null) writeFileSync(video, videoOf(shown));
  const camera = shown === null ? [] : [...CAMERA, `--use-file-for-fake-video-capture=${video}`];
  const own = [...camera, `--user-data-dir=${profile}`, "about:blank"];
  const child = spawn(browser, [...SWITCHES, ...own], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  t.after(async () => {
    await ended(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const { send, next } = await connect(t, await addressOf(child));
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const tell = (method: string, params: object = {}) => send(method, params, String(sessionId));
  await tell("Page.enable");
  const screen = { width: 390, height: 844, deviceScaleFactor: 1, mobile: true };
  await tell("Emulation.setDeviceMetricsOverride", screen);
  const evaluate = async (expression: string) => {
    const params = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails: thrown } = await tell("Runtime.evaluate", params);
    if (thrown !== undefined) throw new Error(`${expression}: ${JSON.stringify(thrown)}`);
    return (result as { readonly value?: unknown }).value;
  };
  return {
    evaluate,
    open: async (url) => void (await Promise.all([next(LOADED), tell("Page.navigate", { url })])),
    reload: async () => void (await Promise.all([next(LOADED), tell("Page.reload")])),
    until: async (words, isThere = true) => {
      await evaluate(untilWords(words, isThere));
    },
    tap: async (label) => {
      await evaluate(untilWords(label, true));
      await evaluate(
        `[...document.querySelectorAll("button, summary, label")]
          .find((one) => one.innerText.includes(${JSON.stringify(label)})).click()`,
      );
    },
    type: async (text) => {
      for (const key of text)
        await tell("Input.dispatchKeyEvent", { type: "keyDown", text: key, key });
      const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 };
      await tell("Input.dispatchKeyEvent", { type: "keyDown", text: "\r", ...enter });
      await tell("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
    },
  };
}

/** One picture of a QR code, again and again, as a camera sees it: grey. */
function videoOf(code: string): Buffer {
  const { width, height, dark, light } = PICTURE;
  const modules = encodeQR(code, "raw", { ecc: "medium", border: 4 });
  const scale = Math.floor(height / modules.length);
  const left = Math.floor((width - scale * modules.length) / 2);
  const grey = Buffer.alloc(width * height, light);
  for (const [row, line] of modules.entries()) {
    for (const [column, isDark] of line.entries()) {
      if (!isDark) continue;
      for (let y = row * scale; y < (row + 1) * scale; y++) {
        const from = y * width + left + column * scale;
        grey.fill(dark, from, from + scale);
      }
    }
  }
  const head = `YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\nFRAME\n`;
  return Buffer.concat([Buffer.from(head), grey, Buffer.alloc((width * height) / 2, 128)]);
}

/** A promise of the page's own: it looks again whenever anything on the page changes. */
function untilWords(words: string, isThere: boolean): string {
  return `new Promise((resolve) => {
    const look = () => {
      const said = document.body?.innerText ?? "";
      if (said.includes(${JSON.stringify(words)}) !== ${isThere}) return;
      observer.disconnect();
      resolve();
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
  })`;
}

type Answer = Readonly<Record<string, unknown>>;

interface Connection {
  send(method: string, params?: object, sessionId?: string): Promise<Answer>;
  /** Resolves when the browser tells of such an event the next time. */
  next(event: string): Promise<void>;
}

/** The browser says on its standard error where it listens. */
async function addressOf(child: ChildProcess): Promise<string> {
  const { stderr } = child;
  if (stderr === null) throw new Error("the browser was started without an output");
  for await (const line of createInterface(stderr)) {
    const address = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    // Nobody reads what it says from now on; it must not stop because of that.
    stderr.resume();
    return address;
  }
  throw new Error("the browser ended before it listened");
}

/** The browser's own protocol: calls by number, and their answers. */
async function connect(t: TestContext, address: string): Promise<Connection> {
  const socket = new WebSocket(address);
  t.after(() => socket.close());
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  const events = new EventEmitter();
  socket.onmessage = ({ data }) => {
    const { id, method, result, error } = JSON.parse(String(data));
    if (method !== undefined) events.emit(method);
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(JSON.stringify(error)));
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`nobody answers at ${address}`));
  });
  let last = 0;
  return {
    next: async (event) => void (await once(events, event)),
    send: (method, params = {}, sessionId) => {
      last++;
      const call = Promise.withResolvers<Answer>();
      waiting.set(last, call);
      socket.send(JSON.stringify({ id: last, method, params, ...(sessionId && { sessionId }) }));
      return call.promise;
    },
  };
}

/** It and the processes it started: they are a group. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-child.pid, "SIGKILL");
  await exit;
}
