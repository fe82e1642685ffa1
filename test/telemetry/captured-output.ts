import { afterEach, beforeEach, vi } from 'vitest'

/** Keeps what this process prints during each test of a file, and off the terminal. */
export function capturedOutput() {
  let text = ''
  const keep = (chunk: unknown) => {
    text += String(chunk)
    return true
  }
  beforeEach(() => {
    text = ''
    vi.spyOn(process.stdout, 'write').mockImplementation(keep)
    vi.spyOn(process.stderr, 'write').mockImplementation(keep)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
  return {
    text: () => text,
    /** The log lines, parsed: a line that is not JSON fails the test. */
    lines: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}
