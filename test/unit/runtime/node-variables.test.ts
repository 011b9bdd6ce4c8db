import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  CLIENT_NODE_OPTIONS,
  DAEMON_NODE_OPTIONS,
  NODE_VARIABLES,
  userEnvironment,
  withoutNodeVariables,
} from '../../../src/runtime/node-variables.ts';

describe('withoutNodeVariables', () => {
  it.each([
    'NODE_OPTIONS',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'NODE_OF_A_LATER_VERSION',
    'UV_THREADPOOL_SIZE',
    'OPENSSL_CONF',
    'SSLKEYLOGFILE',
    'SSL_CERT_DIR',
    'QLOGDIR',
    'ICU_TIMEZONE_FILES_DIR',
  ])('takes %s away', (name) => {
    expect(withoutNodeVariables({ [name]: '1', PATH: '/bin' })).toEqual({ PATH: '/bin' });
  });

  it.each(['NODE', 'node_options', 'NODENV_ROOT', 'LANG', 'MY_NODE_PATH', 'REXA_NODE'])(
    'keeps %s',
    (name) => {
      expect(withoutNodeVariables({ [name]: '1' })).toEqual({ [name]: '1' });
    },
  );
});

describe('userEnvironment', () => {
  it('gives variables the names back that a launcher changed', () => {
    const given = { REXA_KEPT_NODE_ENV: 'test', REXA_KEPT_SSLKEYLOGFILE: '', HOME: '/root' };
    expect(userEnvironment(given)).toEqual({ NODE_ENV: 'test', SSLKEYLOGFILE: '', HOME: '/root' });
  });

  it('gives no other variable another name', () => {
    expect(userEnvironment({ REXA_KEPT_LD_PRELOAD: 'x' })).toEqual({ REXA_KEPT_LD_PRELOAD: 'x' });
  });
});

describe.each(['rexa', 'rexad'])('the launcher bin/%s', (name) => {
  const text = readFileSync(new URL(`../../../bin/${name}`, import.meta.url), 'utf8');

  it('takes away the same variables as a start without a launcher', () => {
    expect(text).toContain(`    ${NODE_VARIABLES.join(' | ')})\n`);
    const looked = NODE_VARIABLES.map((pattern) => `*' ${pattern.replace('*', '')}'*`);
    expect(text).toContain(`\n${looked.join(' | ')})\n`);
  });
});

it('the launcher of rexa starts Node with the options of a client', () => {
  const text = readFileSync(new URL('../../../bin/rexa', import.meta.url), 'utf8');
  expect(text).toContain(`rexa_options='${CLIENT_NODE_OPTIONS.join(' ')}'\n`);
  expect(text).toContain(`exec "$rexa_node" --inspect-port=192.0.2.1:9229 $rexa_options "$0" "$@"\n`);
});

it('the launcher of rexad gives Node the same options as a start without it', () => {
  const text = readFileSync(new URL('../../../bin/rexad', import.meta.url), 'utf8');
  expect(text).toContain(`rexa_options='${DAEMON_NODE_OPTIONS.join(' ')}'\n`);
  expect(text).toContain(`exec "$rexa_node" "--openssl-config=$rexa_tls" $rexa_options "$0" "$@"\n`);
});
