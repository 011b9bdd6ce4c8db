const fs = process.getBuiltinModule('fs');
const path = process.getBuiltinModule('path');
const v8 = process.getBuiltinModule('v8');
const vm = process.getBuiltinModule('vm');

/** A start that is under way for longer keeps its code now: V8 throws away what has not been run for a while. */
const LONG_RUN_MS = 10_000;
/** Nobody starts this build, or this Node, any more. */
const MAX_AGE_MS = 30 * 24 * 3600 * 1000;
/** Whether V8 compiles as the launcher tells it; src/cli/stop-compilers.ts changes its flags otherwise, until the end. */
const isLaunched = process.execArgv.includes('--no-concurrent-recompilation');
const DIGEST = 'sha256';
const DIGEST_BYTES = 32;
/** V8 keeps the code of one kind of start beside that of others: what a start never runs would only make it slower. */
const COMMANDS = ['run', 'ssh', 'shell', 'smoke', 'jobs', 'logs', 'attach', 'wait', 'kill', 'ping', 'keys'];
const TRANSPORT = /^(?:(tls|unix|ssh|exec|ready):|(local)$)/;

/**
 * Runs a program of dist that is one script (scripts/build/finish-programs.mjs). Node's own cache holds a module as it was
 * before its first line was run, so that each function is compiled anew in each start. This one holds what a start has run.
 * @param {string} file
 * @param {string | null} folder where compiled code is kept; null: nowhere
 */
module.exports = function runProgram(file, folder) {
  // An option of the launcher would be refused by an old Node, which is to say that it is too old
  if (isLaunched) v8.setFlagsFromString('--no-concurrent-sparkplug');
  // The build makes sure that it is ASCII
  const source = fs.readFileSync(file, 'latin1');
  const entry = nameOf(source);
  const kept = folder === null || entry === null ? null : path.join(folder, entry);
  const cachedData = kept === null ? undefined : readKept(kept);
  const script = new vm.Script(source, { filename: file, cachedData });
  if (kept !== null && (cachedData === undefined || script.cachedDataRejected)) keepLater(script, kept);
  const { pathToFileURL } = process.getBuiltinModule('url');
  // Only from there the package finds itself by its name: this folder has a package.json of its own
  const { createRequire } = process.getBuiltinModule('module');
  const url = pathToFileURL(file).href;
  const resolve = (name) => pathToFileURL(createRequire(file).resolve(name)).href;
  const load = (name) => import(name.startsWith('.') ? new URL(name, url).href : name);
  script.runInThisContext()(require, url, resolve, load);
};

/** Names the code after its build, the V8 that made it and takes it with the same flags only, and the kind of start. */
function nameOf(source) {
  const [build] = /[0-9a-f]{16}/.exec(source.slice(0, 64)) ?? [];
  // Two builds would have one name
  if (build === undefined) return null;
  const words = process.argv.slice(2);
  const command = COMMANDS.find((each) => words.includes(each)) ?? 'other';
  const [, scheme, local = 'host'] = words.map((word) => TRANSPORT.exec(word)).find((found) => found) ?? [];
  const flags = isLaunched ? 'launched' : 'direct';
  return [build, process.versions.v8, process.arch, flags, command, scheme ?? local].join('-');
}

/** V8 takes whatever has the right head: what is read must be what was written. */
function readKept(kept) {
  let bytes;
  try {
    bytes = fs.readFileSync(kept);
  } catch {
    return undefined;
  }
  const code = bytes.subarray(DIGEST_BYTES);
  return digestOf(code).equals(bytes.subarray(0, DIGEST_BYTES)) ? code : undefined;
}

function digestOf(code) {
  return process.getBuiltinModule('crypto').hash(DIGEST, code, 'buffer');
}

/** Keeps what was compiled, at the end of a short run or in the middle of a long one. */
function keepLater(script, kept) {
  const keep = () => {
    clearTimeout(timer);
    process.off('exit', keep);
    writeKept(script.createCachedData(), kept);
  };
  const timer = isLaunched ? setTimeout(keep, LONG_RUN_MS).unref() : undefined;
  process.on('exit', keep);
}

function writeKept(code, kept) {
  const draft = `${kept}.${process.pid}`;
  try {
    fs.writeFileSync(draft, Buffer.concat([digestOf(code), code]), { mode: 0o600, flag: 'wx' });
    fs.renameSync(draft, kept);
    removeOld(path.dirname(kept));
  } catch {
    // A full disk, or the folder is gone: the next start is slower, nothing else
    removeDraft(draft);
  }
}

function removeDraft(draft) {
  try {
    fs.rmSync(draft, { force: true });
  } catch {
    // It is removed when it is old
  }
}

/** In this folder, and in those that Node keeps the code of modules in. */
function removeOld(folder) {
  const oldestMs = Date.now() - MAX_AGE_MS;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && fs.statSync(file).mtimeMs < oldestMs) fs.rmSync(file);
  }
}
