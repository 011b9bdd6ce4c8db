// Plain, old JavaScript on purpose: an older Node, which may not even know modules, must get as far as the sentence below.

/**
 * Starts a program of ours.
 * @param {string} name of the program, for messages
 * @param {string} entry the file of its module, or of its script (.cjs), relative to this folder
 * @param {number} failed the exit status when it cannot be started
 */
module.exports = function start(name, entry, failed) {
  function fail(text) {
    process.stderr.write(name + ': ' + text + '\n');
    process.exitCode = failed;
  }

  var found = process.versions.node.split('.').map(Number);
  if (found[0] < 22 || (found[0] === 22 && found[1] < 18)) {
    fail(name + ' needs Node 22.18 or newer; this is ' + process.version + ' (' + process.execPath + ')');
    return;
  }
  var folder = require('./compile-cache.js')();
  // For the modules of packages, which are loaded where they are needed
  if (folder !== null) process.getBuiltinModule('module').enableCompileCache(folder);
  load(entry, folder).catch(function (error) {
    if (isMissing(error, entry)) {
      fail('this clone is not built yet: run `npm start` or `npm run build` in it');
    } else {
      fail((error && error.stack) || String(error));
    }
  });
};

function load(entry, folder) {
  if (!entry.endsWith('.cjs')) return import(entry);
  return Promise.resolve().then(function () {
    require('./run-program.js')(process.getBuiltinModule('path').join(__dirname, entry), folder);
  });
}

function isMissing(error, entry) {
  if (!error) return false;
  var file = error.code === 'ERR_MODULE_NOT_FOUND' ? error.url : error.code === 'ENOENT' ? error.path : '';
  return String(file).endsWith(entry.slice(2));
}
