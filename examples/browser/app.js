// The page: strokes become an 8x8 picture as in the training data, which the compiled
// model in digits.wasm turns into ten scores.

const paper = document.getElementById("paper");
const seen = document.getElementById("seen");
const pen = paper.getContext("2d");
const side = 8; // of the model's input

// Strokes are lists of [x, y] in the canvas' pixels.
let strokes = [];
let model;

//===-- The model -----------------------------------------------------------===//

async function load() {
  const bytes = await (await fetch("digits.wasm")).arrayBuffer();
  const { instance } = await WebAssembly.instantiate(bytes);
  const { memory, image, logits, classify, arenaBytes } = instance.exports;
  // Nothing grows the memory, so that the views stay.
  return {
    image: new Float32Array(memory.buffer, image(), side * side),
    logits: new Float32Array(memory.buffer, logits(), 10),
    run() {
      const status = classify();
      if (status !== 0) throw new Error(`the library returned ${status}`);
    },
    bytes: bytes.byteLength,
    arenaBytes: arenaBytes(),
  };
}

function softmax(values) {
  const largest = Math.max(...values);
  const powers = Array.from(values, (value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

//===-- From strokes to pixels ----------------------------------------------===//

// The training data are bitmaps of 32x32 that a digit fills from top to bottom and not
// quite from side to side, counted in blocks of 4x4. Strokes are drawn again like that,
// so that neither place and size of a drawing nor the width of its lines matter.
const bitmap = new OffscreenCanvas(32, 32).getContext("2d", { willReadFrequently: true });

// A small model is sure of itself where it should not be: it reads a drawing in several
// slants and widths of line, and the page shows the mean.
const variants = [[5.2, 0], [4.2, 0], [6.2, 0], [5.2, 0.2], [5.2, -0.2], [5.2, 0.4]];

function toPicture(picture, [lineWidth, slant]) {
  const upright = strokes.map((stroke) => stroke.map(([x, y]) => [x + slant * y, y]));
  const points = upright.flat();
  const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
  const left = Math.min(...xs), top = Math.min(...ys);
  const width = Math.max(...xs) - left, height = Math.max(...ys) - top;
  // A flat drawing is no tall digit.
  const tall = (32 - lineWidth) / Math.max(height, width / 2, 1);
  const wide = Math.min(tall, (22 - lineWidth) / Math.max(width, 1));
  const scaled = upright.map((stroke) => stroke.map(([x, y]) =>
    [16 + (x - left - width / 2) * wide, 16 + (y - top - height / 2) * tall]));
  bitmap.clearRect(0, 0, 32, 32);
  drawStrokes(bitmap, scaled, lineWidth, "#000");
  const pixels = bitmap.getImageData(0, 0, 32, 32).data;
  picture.fill(0);
  for (let y = 0; y < 32; ++y)
    for (let x = 0; x < 32; ++x)
      picture[(y >> 2) * side + (x >> 2)] += pixels[4 * (32 * y + x) + 3] / 255 / 16;
}

function drawStrokes(context, strokes, width, colour) {
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = colour;
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...stroke[0]);
    // A dot is a line, too.
    for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) context.lineTo(...point);
    context.stroke();
  }
}

//===-- The page ------------------------------------------------------------===//

const rows = Array.from({ length: 10 }, (_, digit) => {
  const row = document.createElement("li");
  row.innerHTML = `<span>${digit}</span><div class="track"><div class="fill"></div></div><span></span>`;
  document.getElementById("scores").append(row);
  return row;
});

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
const setText = (id, text) => { document.getElementById(id).textContent = text; };

function showScores(scores) {
  const best = scores ? scores.indexOf(Math.max(...scores)) : -1;
  rows.forEach((row, digit) => {
    const score = scores ? scores[digit] : 0;
    row.classList.toggle("best", digit === best);
    row.querySelector(".fill").style.transform = `scaleX(${score})`;
    row.lastChild.textContent = scores ? `${(100 * score).toFixed(1)} %` : "";
  });
  setText("digit", best < 0 ? "–" : best);
  if (best < 0) return setText("sentence", "Nothing drawn yet");
  const sure = scores[best];
  setText("sentence", sure > 0.9 ? `This is a ${best}` : sure > 0.6 ? `Probably a ${best}` : `Perhaps a ${best}`);
}

function showPicture(picture) {
  const context = seen.getContext("2d");
  context.clearRect(0, 0, side, side);
  context.fillStyle = colour("--ink");
  picture.forEach((value, i) => {
    context.globalAlpha = Math.min(value, 1);
    context.fillRect(i % side, Math.floor(i / side), 1, 1);
  });
}

function update() {
  pen.clearRect(0, 0, paper.width, paper.height);
  drawStrokes(pen, strokes, 34, colour("--ink"));
  document.body.classList.toggle("drawn", strokes.length > 0);
  if (!model) return;
  if (strokes.length === 0) {
    showScores(null);
    showPicture(new Float32Array(side * side));
    return setText("time", "\u00a0");
  }
  const mean = new Array(10).fill(0);
  for (const variant of variants.toReversed()) {
    toPicture(model.image, variant);
    model.run();
    softmax(model.logits).forEach((score, digit) => { mean[digit] += score / variants.length; });
  }
  showPicture(model.image);
  // Browsers' clocks are coarse.
  const runs = 50;
  const start = performance.now();
  for (let i = 0; i < runs; ++i) model.run();
  const microseconds = (1000 * (performance.now() - start)) / runs;
  setText("time", `${microseconds.toFixed(microseconds < 10 ? 1 : 0)} µs per inference`);
  showScores(mean);
}

let planned = false;
function plan() {
  if (planned) return;
  planned = true;
  requestAnimationFrame(() => {
    planned = false;
    update();
  });
}

function pointOf(event) {
  const box = paper.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * paper.width,
          ((event.clientY - box.top) / box.height) * paper.height];
}

function clear() {
  strokes = [];
  plan();
}

paper.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  paper.setPointerCapture(event.pointerId);
  strokes.push([pointOf(event)]);
  plan();
});
paper.addEventListener("pointermove", (event) => {
  if (!paper.hasPointerCapture(event.pointerId)) return;
  for (const part of event.getCoalescedEvents?.() ?? [event]) strokes.at(-1).push(pointOf(part));
  plan();
});
document.getElementById("clear").addEventListener("click", clear);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", plan);

try {
  model = await load();
  setText("facts", `digits.wasm has ${(model.bytes / 1024).toFixed(0)} KiB, weights included; ` +
    `an inference works in ${(model.arenaBytes / 1024).toFixed(0)} KiB and allocates nothing.`);
  document.body.dataset.ready = "yes";
} catch (error) {
  setText("facts", `The model cannot be loaded: ${error.message}`);
}
plan();
