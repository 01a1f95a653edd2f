// host.mjs PROGRAM.wasm - runs the harness in Node: wasm.c is the other side. Works on
// request.bin and response.bin in the current folder.
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

const request = readFileSync("request.bin");
const response = openSync("response.bin", "w");
let position = 0;
let memory;

// 0, or 1 where the bytes are not there.
function read(to, bytes) {
  to >>>= 0;
  bytes >>>= 0;
  if (request.length - position < bytes) return 1;
  new Uint8Array(memory.buffer).set(request.subarray(position, position + bytes), to);
  position += bytes;
  return 0;
}

function write(from, bytes) {
  from >>>= 0;
  bytes >>>= 0;
  // At once: a model that traps must not take the answers before it along.
  for (let done = 0; done < bytes; )
    done += writeSync(response, new Uint8Array(memory.buffer, from + done, bytes - done));
  return 0;
}

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {
  burin_host: { read, write },
});
memory = instance.exports.memory;
try {
  process.exitCode = instance.exports.burin_harness_main();
} catch (error) {
  console.error(String(error));
  process.exitCode = 134; // as a program that aborts
}
closeSync(response);
