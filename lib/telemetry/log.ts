import type { EmbeddedMetrics } from './metrics.ts'

// Node makes it at first use, which then is init and not a request.
const { stdout } = process

type Value = string | number | boolean | undefined

/**
 * One JSON line, the only console of this service. Callers pass what they list by name: never an
 * event, a header, a body, nor an error's message or cause, for any of them can hold a card number.
 */
export function log(
  level: 'info' | 'warn' | 'error',
  event: string,
  fields: Readonly<Record<string, Value>> = {},
  metrics: EmbeddedMetrics = {},
): void {
  // Not `console`: in Lambda that puts a prefix before the JSON.
  stdout.write(
    `${JSON.stringify({ level, event, time: new Date().toISOString(), ...fields, ...metrics })}\n`,
  )
}

/** What may be logged of an error that nobody expected: its name and where it arose. */
export function traceOf(error: unknown): { error: string; stack?: string } {
  if (!(error instanceof Error)) return { error: typeof error }
  const { name, message, stack = '' } = error
  // The message goes first: it may hold lines that look like frames. The stack keeps one that was
  // changed later, so a frame must name a place in a file too.
  const frames = stack
    .replace(message, '')
    .split('\n')
    .filter((line) =>
      /^\s+at (?:.*\()?(?:async )?(?:file:|node:|\/)[^\s()]*:\d+:\d+\)?$/.test(line),
    )
  return { error: name, stack: frames.slice(0, 10).join('\n') }
}
