// Test files of a kind that shares a process: what the last test of one file has stubbed is not there for the next file.
import { vi } from 'vitest';

vi.unstubAllEnvs();
