import { describe, expect, it } from 'vitest';
import { findFailure } from '../fixtures/ready-start/find-failure.ts';
import { fuzzClient } from '../fixtures/ready-start/fuzz-client.ts';
import { fuzzDaemon } from '../fixtures/ready-start/fuzz-daemon.ts';

const INPUTS = 500_000;

describe('whatever a Ready/Start peer sends', () => {
  it(`the daemon's machine stands ${INPUTS} seeded inputs`, () => {
    expect(findFailure(fuzzDaemon, INPUTS)).toBe(null);
  });

  it(`the client's machine stands ${INPUTS} seeded inputs`, () => {
    expect(findFailure(fuzzClient, INPUTS)).toBe(null);
  });
});
