import { openFallbackCalls } from './fallback.ts';
import type { SystemCalls } from './system-calls.ts';

/**
 * The system calls of this platform. koffi is an optional dependency and costs 5 ms, so it is loaded here and now;
 * where it is missing, the stated fallback answers.
 * @param importKoffi for tests
 */
export async function loadSystemCalls(importKoffi = () => import('koffi')): Promise<SystemCalls> {
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    return openFallbackCalls(`there are no native calls for ${process.platform}`);
  }
  try {
    const { default: koffi } = await importKoffi();
    if (process.platform === 'darwin') {
      const { openDarwinCalls } = await import('./darwin.ts');
      return openDarwinCalls(koffi);
    }
    const { openLinuxCalls } = await import('./linux.ts');
    return openLinuxCalls(koffi);
  } catch (error) {
    const [firstLine] = String(error).split('\n');
    return openFallbackCalls(`koffi cannot be used (${firstLine})`);
  }
}
