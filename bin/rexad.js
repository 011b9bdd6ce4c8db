#!/usr/bin/env node
// Plain, old JavaScript on purpose, and the same lines in rexa.js, rexad.js and rexa-keeper.js: an older Node, which may not even
// know modules, must get as far as the sentence below.
var found = process.versions.node.split('.').map(Number);

function fail(text) {
  process.stderr.write('rexad: ' + text + '\n');
  process.exitCode = 1;
}

// In a folder of our own: the default one in /tmp could have been made by anybody, and it holds code
function keepCompiledCode() {
  var path = process.getBuiltinModule('path');
  var chosen = process.env.XDG_CACHE_HOME;
  var caches =
    chosen && path.isAbsolute(chosen)
      ? chosen
      : path.join(process.getBuiltinModule('os').homedir(), '.cache');
  var folder = process.env.NODE_COMPILE_CACHE || path.join(caches, 'rexa', 'compile');
  process.getBuiltinModule('module').enableCompileCache(folder);
}

if (found[0] < 22 || (found[0] === 22 && found[1] < 18)) {
  fail('rexad needs Node 22.18 or newer; this is ' + process.version + ' (' + process.execPath + ')');
} else {
  try {
    keepCompiledCode();
  } catch {
    // a user without a home folder: the start is a little slower, nothing else
  }
  import('../dist/daemon/main.js').catch(function (error) {
    if (error && error.code === 'ERR_MODULE_NOT_FOUND' && error.url.endsWith('/dist/daemon/main.js')) {
      fail('this clone is not built yet: run `npm start` or `npm run build` in it');
    } else {
      fail((error && error.stack) || String(error));
    }
  });
}
