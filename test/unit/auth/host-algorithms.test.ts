import { describe, expect, it } from 'vitest';
import {
  AUTHORITY_SIGNATURES,
  allowsCertificate,
  allowsKey,
  HOST_KEY_ALGORITHMS,
  readAlgorithms,
} from '../../../src/auth/host-algorithms.ts';

const ALL = AUTHORITY_SIGNATURES;

describe('a list of algorithms', () => {
  it.each<[text: string, names: readonly string[] | null]>([
    ['ssh-ed25519', ['ssh-ed25519']],
    ['rsa-sha2-512,ssh-ed25519', ['rsa-sha2-512', 'ssh-ed25519']],
    ['rsa-*', ['rsa-sha2-512', 'rsa-sha2-256']],
    ['+ssh-rsa', ALL],
    ['+ssh-ed25519', ['ssh-ed25519', ...ALL.filter((name) => name !== 'ssh-ed25519')]],
    ['^rsa-sha2-256', ['rsa-sha2-256', ...ALL.filter((name) => name !== 'rsa-sha2-256')]],
    ['-rsa-*,ecdsa-*', ALL.filter((name) => !/^(?:rsa|ecdsa)/.test(name))],
    ['ssh-dss', []],
    ['ssh-ed25519,', null],
    ['', null],
    ['+', null],
    ['ssh-ed25518', null],
  ])('%o', (text, names) => {
    expect(readAlgorithms(text, ALL)).toEqual(names);
  });

  it.each<[text: string, type: string, key: boolean, certificate: boolean]>([
    ['ssh-ed25519', 'ssh-ed25519', true, false],
    ['ssh-ed25519-cert-v01@openssh.com', 'ssh-ed25519', false, true],
    ['ssh-rsa', 'ssh-rsa', false, false],
    ['rsa-sha2-256', 'ssh-rsa', true, false],
    ['rsa-sha2-512-cert-v01@openssh.com', 'ssh-rsa', false, true],
    ['*-cert-*', 'ecdsa-sha2-nistp256', false, true],
    ['-*-cert-*', 'ecdsa-sha2-nistp256', true, false],
  ])('%o of hosts, for %s', (text, type, key, certificate) => {
    const list = readAlgorithms(text, HOST_KEY_ALGORITHMS) ?? [];
    expect([allowsKey(list, type), allowsCertificate(list, type)]).toEqual([key, certificate]);
  });
});
