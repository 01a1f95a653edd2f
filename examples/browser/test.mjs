// test.mjs FOLDER [SCREENSHOT.png] - draws digits with the mouse in a headless Chromium
// and checks what the page reads. Needs Node and Chromium, nothing else: DevTools'
// protocol goes through a pipe. Ends with 77 where there is no Chromium.
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";

const [folder, screenshot] = process.argv.slice(2);
const chromium = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"].find(
  (name) => name && spawnSync(name, ["--version"]).status === 0);
if (!chromium) {
  console.log("skipped: chromium is not installed");
  process.exit(77);
}

//===-- How digits are written, in a square of 100 ----------------------------===//

const arc = (x, y, rx, ry, from, to, steps = 24) =>
  Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });
const digits = [
  [arc(50, 50, 26, 40, -90, 270)],
  [[[40, 24], [54, 10], [54, 90]]],
  [[...arc(50, 32, 24, 22, 190, 400), [28, 90], [76, 90]]],
  [[...arc(48, 30, 22, 20, 200, 440), ...arc(48, 70, 25, 21, -80, 160)]],
  [[[58, 10], [24, 62], [80, 62]], [[62, 40], [62, 92]]],
  [[[74, 12], [34, 12], [30, 48], ...arc(48, 66, 25, 24, -120, 150)]],
  [[[50, 8], [38, 24], [30, 44], [27, 66], ...arc(50, 68, 23, 22, 170, -200)]],
  [[[24, 12], [76, 12], [46, 90]], [[34, 50], [72, 50]]],
  [[...arc(50, 30, 20, 19, 90, 450), ...arc(50, 70, 24, 21, -90, 270)]],
  [[...arc(50, 32, 22, 22, 0, 360), [72, 32], [66, 90]]],
];

//===-- A web server and a browser --------------------------------------------===//

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
const server = createServer((request, response) => {
  const file = normalize(new URL(request.url, "http://x").pathname).replace(/\/$/, "/index.html");
  try {
    const content = readFileSync(join(folder, file));
    response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain" }).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const profile = mkdtempSync(join(tmpdir(), "burin-chromium-"));
const browser = spawn(chromium, [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
  `--user-data-dir=${profile}`, "--remote-debugging-pipe", "about:blank",
], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], env: { ...process.env, HOME: profile } });

let nextId = 0;
const waiting = new Map();
let received = "";
browser.stdio[4].setEncoding("utf8").on("data", (text) => {
  received += text;
  for (let end; (end = received.indexOf("\0")) >= 0; received = received.slice(end + 1)) {
    const message = JSON.parse(received.slice(0, end));
    const pending = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) pending?.reject(new Error(message.error.message));
    else pending?.resolve(message.result);
  }
});
let sessionId;
const send = (method, params = {}) =>
  new Promise((resolve, reject) => {
    waiting.set(++nextId, { resolve, reject });
    browser.stdio[3].write(JSON.stringify({ id: nextId, method, params, sessionId }) + "\0");
  });
const evaluate = async (expression) => {
  const answer = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description);
  return answer.result.value;
};
const mouse = (type, [x, y], buttons) =>
  send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons, clickCount: 1 });
const frame = () => evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");

//===-- The test ---------------------------------------------------------------===//

async function test() {
  const { targetInfos } = await send("Target.getTargets");
  const { targetId } = targetInfos.find(({ type }) => type === "page");
  ({ sessionId } = await send("Target.attachToTarget", { targetId, flatten: true }));
  await send("Page.enable");
  await send("Emulation.setDeviceMetricsOverride", { width: 1100, height: 780, deviceScaleFactor: 1, mobile: false });
  await send("Page.navigate", { url: `http://127.0.0.1:${server.address().port}/` });
  for (let i = 0; !(await evaluate("document.body?.dataset.ready ?? ''")); ++i) {
    if (i === 200) throw new Error(`the page is not ready: ${await evaluate("document.getElementById('facts')?.textContent")}`);
    await new Promise((later) => setTimeout(later, 50));
  }
  let wrong = 0;
  for (const [digit, strokes] of digits.entries()) {
    await evaluate("document.getElementById('clear').click()");
    const box = await evaluate("(({ x, y, width }) => ({ x, y, width }))(document.getElementById('paper').getBoundingClientRect())");
    const place = ([x, y]) => [box.x + (box.width * (15 + 0.7 * x)) / 100, box.y + (box.width * (15 + 0.7 * y)) / 100];
    for (const stroke of strokes) {
      await mouse("mousePressed", place(stroke[0]), 1);
      for (const point of stroke.slice(1)) await mouse("mouseMoved", place(point), 1);
      await mouse("mouseReleased", place(stroke.at(-1)), 0);
    }
    await frame();
    const read = await evaluate("document.getElementById('digit').textContent");
    const scores = await evaluate("Array.from(document.querySelectorAll('#scores li span:last-child'), (span) => span.textContent)");
    console.log(`${read === String(digit) ? "ok  " : "FAIL"} drew ${digit}, read ${read} (${scores[digit]})`);
    wrong += read !== String(digit);
    if (screenshot && digit === 3) {
      await new Promise((later) => setTimeout(later, 300));
      const { data } = await send("Page.captureScreenshot", { format: "png" });
      writeFileSync(screenshot, Buffer.from(data, "base64"));
    }
  }
  await send("Input.dispatchKeyEvent", { type: "keyDown", key: "Escape" });
  await frame();
  if ((await evaluate("document.getElementById('digit').textContent")) !== "–") throw new Error("Escape does not clear");
  return wrong;
}

const ended = new Promise((_, reject) => browser.on("exit", () => reject(new Error("chromium ended"))));
const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer in 90 s")), 90_000).unref());
let code = 1;
try {
  code = (await Promise.race([test(), ended, late])) === 0 ? 0 : 1;
} catch (error) {
  console.log(`FAIL ${error.message}`);
}
ended.catch(() => {});
browser.kill();
await new Promise((done) => (browser.exitCode ?? browser.signalCode) !== null ? done() : browser.on("exit", done));
rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
process.exit(code);
