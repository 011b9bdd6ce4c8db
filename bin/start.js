// Plain, old JavaScript on purpose: an older Node, which may not even know modules, must get as far as the sentence below.

/**
 * Starts a program of ours.
 * @param {string} name of the program, for messages
 * @param {string} entry the file of its module, relative to this folder
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
  require('./compile-cache.js')();
  import(entry).catch(function (error) {
    if (error && error.code === 'ERR_MODULE_NOT_FOUND' && error.url.endsWith(entry.slice(2))) {
      fail('this clone is not built yet: run `npm start` or `npm run build` in it');
    } else {
      fail((error && error.stack) || String(error));
    }
  });
};
