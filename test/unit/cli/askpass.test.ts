import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { askByProgram, chooseAskpass } from '../../../src/cli/ask/askpass.ts';

describe('whether SSH_ASKPASS is asked', () => {
  it.each([
    ['without a terminal and a display', false, {}, null],
    ['without a terminal, on a display', false, { DISPLAY: ':0' }, '/ask'],
    ['without a terminal, on a display of Wayland', false, { WAYLAND_DISPLAY: 'wayland-0' }, '/ask'],
    ['on a terminal with a display', true, { DISPLAY: ':0' }, null],
    ['on a terminal, preferred', true, { DISPLAY: ':0', SSH_ASKPASS_REQUIRE: 'prefer' }, '/ask'],
    ['preferred, without a display', true, { SSH_ASKPASS_REQUIRE: 'prefer' }, null],
    ['forced on a terminal without a display', true, { SSH_ASKPASS_REQUIRE: 'force' }, '/ask'],
    ['forbidden', false, { DISPLAY: ':0', SSH_ASKPASS_REQUIRE: 'never' }, null],
  ])('%s', (_, hasTerminal, environment, expected) => {
    expect(chooseAskpass(hasTerminal, { SSH_ASKPASS: '/ask', ...environment })).toBe(expected);
    expect(chooseAskpass(hasTerminal, environment)).toBeNull();
  });
});

describe('the program of SSH_ASKPASS', () => {
  it('has the variables of its user, and none of the launcher', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-askpass-'));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    vi.stubEnv('REXA_KEPT_NODE_OPTIONS', '--x');
    const program = join(folder, 'ask');
    writeFileSync(program, '#!/bin/sh\necho "$1 $NODE_OPTIONS,$REXA_KEPT_NODE_OPTIONS"\n');
    chmodSync(program, 0o700);
    expect(await askByProgram(program, 'Password: ')).toBe('Password: --x,');
  });
});
