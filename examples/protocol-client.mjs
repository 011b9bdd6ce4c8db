// A client in a hundred lines: the wire of rexa without the library, over any ordered stream of bytes.
// In a browser the stream is a WebSocket; here it is the Unix socket of a daemon.
// Run it with: node protocol-client.mjs SOCKET COMMAND [ARGUMENT...]
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { createConnectionMachine, createLinkCore, toStreamNumber } from 'rexa/protocol';

const [path, ...argv] = process.argv.slice(2);
const [STDOUT, STDERR] = [0, 1].map(toStreamNumber);

const now = () => performance.now();
const link = createLinkCore('client');
const machine = createConnectionMachine({ role: 'client', agent: 'example/1' }, now(), link);
const socket = connect(path);

/** Sends what the machine wants to send. */
function send() {
  for (let frame = machine.pollOutput(); frame !== null; frame = machine.pollOutput()) {
    for (const bytes of frame) socket.write(bytes);
  }
}

/** Handles what has happened, in order: what the channels said comes before the end of the connection. */
function handleEvents() {
  for (let event = link.mux.pollEvent(); event !== null; event = link.mux.pollEvent()) handleChannel(event);
  for (let event = machine.pollEvent(); event !== null; event = machine.pollEvent()) {
    if (event.kind === 'ended') finish(event.end);
  }
  send();
}

function handleChannel(event) {
  if (event.kind === 'data') {
    (event.stream === STDOUT ? process.stdout : process.stderr).write(event.bytes);
    // Grants as much credit as was consumed: a reader that does not would stop the command
    link.mux.consume(event.channel, event.stream, event.bytes.length, now());
  } else if (event.kind === 'closed') {
    const { outcome, error } = event.last;
    if (error) process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = outcome?.exitCode ?? 255;
    machine.leave(null);
  }
}

function finish(end) {
  if (end.kind !== 'goaway') process.stderr.write(`the connection ended: ${end.kind}\n`);
  send();
  socket.end();
}

link.mux.open(
  {
    service: 'run',
    id: randomUUID(),
    command: { argv },
    env: {},
    stdin: 'none',
    encoding: { output: 'utf8', input: 'utf8' },
  },
  [STDOUT, STDERR],
  now(),
);
send();
socket.on('data', (bytes) => {
  machine.handleBytes(bytes);
  handleEvents();
});
socket.on('end', () => {
  machine.handleEnd();
  handleEvents();
});
socket.on('error', (error) => process.stderr.write(`${error.message}\n`));
