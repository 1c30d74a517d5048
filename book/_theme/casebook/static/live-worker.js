// Python in a worker. The build puts a line before this file: const RUNTIME = {files, groups}.
// Files are named by their contents, so what the browser once kept it keeps for good.
const KEEP = "casebook-live";
const files = RUNTIME.files;
const words = { altair: /\bcharts\s*\.|\balt(air)?\b/, networkx: /networkx|\bnx\b|network|tie|centrali|reciproc|densit|design_/ };
const BASE = ["engine.mjs", "loader.mjs", "python.wasm", "stdlib.zip", "numbers.tar", "casebook.tar"];
const say = (message) => postMessage(message);

// --- fetching, with progress in bytes

const shelf = self.caches ? caches.open(KEEP).catch(() => null) : Promise.resolve(null);
const asked = new Map();
let loaded = 0, total = 0;

function told(said, file, status) { // the page has the words
  return Object.assign(new TypeError(said), { said, file, status });
}

function get(name) {
  if (!asked.has(name)) asked.set(name, fetchFile(name));
  return asked.get(name);
}

async function fetchFile(name) {
  const url = new URL(files[name].url, self.location).href, kept = await shelf;
  total += files[name].bytes;
  let answer = kept && await kept.match(url).catch(() => null);
  const stored = Boolean(answer);
  if (!answer) answer = await fetch(url);
  if (!answer.ok) throw told("absent", files[name].url, answer.status);
  const parts = [], reader = answer.body.getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    loaded += value.length;
    say({ progress: loaded, total, stored });
  }
  if (length !== files[name].bytes) {
    if (stored) await kept.delete(url);
    throw told("part", files[name].url);
  }
  const packed = new Blob(parts);
  if (kept && !stored) kept.put(url, new Response(packed)).catch(() => { /* no room: fetched again next time */ });
  return packed;
}

// what an earlier build of the book left behind
async function tidy() {
  const kept = await shelf;
  if (!kept) return;
  const now = new Set(Object.values(files).map((file) => new URL(file.url, self.location).href));
  const here = new URL(".", self.location).href;
  for (const request of await kept.keys()) if (request.url.startsWith(here) && !now.has(request.url)) kept.delete(request);
}

async function unpacked(name, type) {
  const stream = (await get(name)).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream, { headers: { "Content-Type": type || "application/octet-stream" } });
}

async function script(name) {
  const address = URL.createObjectURL(await (await unpacked(name, "text/javascript")).blob());
  try { return await import(address); } finally { URL.revokeObjectURL(address); }
}

// --- installing: the files of an archive straight into Python's folders

const SITE = "/lib/python3.14/site-packages";
const text = new TextDecoder();
let python = null, session = null;
const installed = new Set();

function untar(bytes) {
  const { FS } = python, made = new Set([""]);
  const field = (from, length) => text.decode(bytes.subarray(from, from + length)).replace(/\0.*$/s, "");
  for (let at = 0; bytes[at]; ) {
    const prefix = field(at + 345, 155), name = (prefix ? prefix + "/" : "") + field(at, 100);
    const size = parseInt(field(at + 124, 12), 8), folder = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    if (!made.has(folder)) { FS.mkdirTree(`${SITE}/${folder}`); made.add(folder); }
    FS.writeFile(`${SITE}/${name}`, bytes.subarray(at + 512, at + 512 + size), { canOwn: true });
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

async function install(name) {
  const bytes = new Uint8Array(await (await unpacked(`${name}.tar`)).arrayBuffer());
  if (installed.has(name)) return;
  installed.add(name);
  untar(bytes);
  python.runPython("import importlib; importlib.invalidate_caches()");
}

// a package that no word of the cell announced: Python waits for it
function installNow(name) {
  if (installed.has(name)) return;
  const request = new XMLHttpRequest();
  request.open("GET", new URL(files[`${name}.tar`].url, self.location), false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${name}: ${request.status}`);
  installed.add(name);
  python.FS.writeFile("/tmp/archive", new Uint8Array(request.response));
  python.runPython(`import tarfile\nwith tarfile.open("/tmp/archive") as archive: archive.extractall("${SITE}", filter="data")`);
}

// --- starting

async function start(cells, language, said) {
  tidy().catch(() => {});
  // asked for in the order of need; what is compiled is compiled while the rest comes
  const scripts = Promise.all([script("loader.mjs"), script("engine.mjs")]);
  const wasm = unpacked("python.wasm", "application/wasm").then((answer) => WebAssembly.compileStreaming(answer));
  const library = unpacked("stdlib.zip").then((answer) => answer.blob());
  const tar = { numbers: unpacked("numbers.tar").then((a) => a.arrayBuffer()), casebook: unpacked("casebook.tar").then((a) => a.arrayBuffer()) };
  [wasm, library, ...Object.values(tar)].forEach((wait) => wait.catch(() => {})); // said below, once
  const [{ loadPyodide }, engine] = await scripts;
  const instantiate = WebAssembly.instantiateStreaming, fetched = self.fetch;
  self.fetch = (address, options) => String(address).endsWith("pyodide.asm.wasm") ? Promise.resolve() : fetched(address, options);
  WebAssembly.instantiateStreaming = async (answer, imports) => {
    const module = await wasm;
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };
  python = await loadPyodide({
    indexURL: new URL(".", self.location).href,
    createPyodideModule: engine.default,
    lockFileContents: { info: RUNTIME.info, packages: {} },
    packageBaseUrl: new URL(".", self.location).href,
    stdLibURL: URL.createObjectURL(await library),
    env: { HOME: "/home/reader" },
  });
  self.fetch = fetched;
  WebAssembly.instantiateStreaming = instantiate;
  for (const name of Object.keys(tar)) { untar(new Uint8Array(await tar[name])); installed.add(name); }
  python.runPython("import importlib; importlib.invalidate_caches()");
  const waiting = {};
  for (const [group, packages] of Object.entries(RUNTIME.groups)) for (const name of packages) waiting[name] = group;
  python.pyimport("sibmodels.messages").choose(language);
  const live = python.pyimport("casebook.inpage");
  session = live.start((output) => say({ id: running, output: JSON.parse(output) }), python.toPy(waiting), installNow, python.toPy(cells), said ? await (await fetch(said)).text() : "{}");
  // what the page will want next, while its first cells run
  for (const [name, pattern] of Object.entries(words)) if (cells.some((code) => pattern.test(code))) get(`${name}.tar`).catch(() => asked.delete(`${name}.tar`));
  say({ ready: true });
}

let ready = null, running = 0;

async function run({ id, code, number, values, apart }) {
  await ready;
  try {
    for (const [group, pattern] of Object.entries(words)) {
      if (!installed.has(group) && pattern.test(code)) await install(group);
    }
  } catch (error) { // the cell will say what it misses
    for (const group of Object.keys(words)) asked.delete(`${group}.tar`);
  }
  running = id;
  const ok = await (apart ? session.work : session.run)(code, number, JSON.stringify(values));
  say({ id, done: ok });
}

// at other values of assumptions: which cell to run next
async function ask({ id, ask }) {
  await ready;
  say({ id, answer: JSON.parse(session.ask(JSON.stringify(ask))) });
}

// questions of another part of the page, the form of one's own SIB: JSON in, JSON out
async function answer({ id, form, data }) {
  await ready;
  if (form === "report" && !installed.has("altair")) await install("altair"); // its charts
  const work = python.pyimport("casebook.formwork");
  say({ id, answer: JSON.parse(work.answer(form, data)) });
}

// a site's Content-Security-Policy may keep a part from loading; the browser tells of it beside the error
let refused = "";
addEventListener("securitypolicyviolation", (event) => { refused = event.effectiveDirective || event.violatedDirective; });

async function failed(error) {
  await new Promise((done) => setTimeout(done, 50));
  if (refused) return say({ fatal: "policy", words: refused });
  const network = error instanceof TypeError;
  say({ fatal: network ? "network" : "python", words: String(error && error.message || error).slice(0, 500), progress: loaded, total });
}

let line = Promise.resolve();
onmessage = ({ data }) => {
  if (data.start !== undefined) ready = start(data.start, data.language || "en", data.said);
  line = line.then(() => data.ask ? ask(data) : data.form ? answer(data) : data.id ? run(data) : ready).catch(failed);
};
