import type { Fields } from '../../../lib/verification/verification-request.ts'
import type { Control } from '../row.ts'
import { inProcessHandlers } from './in-process.ts'
import { runHandlerCases } from './run-cases.ts'

// Each is met within some hundred; one that is not met in so many is not seen.
const MOST_CASES = 20_000
const LONG = 10_000

/** What another build would do with the fields before it validates them. */
type Spoil = (fields: Fields) => Fields

type Broken = { what: string; spoil: Spoil; fault: string }

const broken: readonly [Broken, ...Broken[]] = [
  {
    what: 'a validator that takes numbers of 19 digits for text',
    spoil: (fields) =>
      changed(fields, (value) => (typeof value === 'number' ? value.toFixed() : value)),
    fault: 'provider hit',
  },
  {
    what: 'a validator that throws at a lone surrogate',
    spoil: (fields) => changed(fields, (value) => (encodeURIComponent(String(value)) ? value : '')),
    fault: '5xx',
  },
  {
    what: 'a validator whose pattern takes quadratic time',
    spoil: (fields) =>
      changed(fields, (value) =>
        /^[0-9]*[0-9]*x$/.test(String(value).repeat(3).slice(0, LONG)) ? '' : value,
      ),
    fault: 'slow',
  },
]

/** @returns whether the row sees each of them for what it is */
export async function brokenValidators(seed: number) {
  const [first, ...others] = broken
  const controls: [Control, ...Control[]] = [await controlOf(first, seed)]
  for (const other of others) controls.push(await controlOf(other, seed))
  return controls
}

async function controlOf({ what, spoil, fault }: Broken, seed: number): Promise<Control> {
  const subject = inProcessHandlers({ parse: (honest) => (fields) => honest(spoil(fields)) })
  const { cases, faults } = await runHandlerCases(subject, {
    seed,
    count: MOST_CASES,
    until: fault,
  })
  const caught = faults.has(fault)
  return {
    broken: what,
    caught,
    figure: caught ? `${fault} within ${cases} cases` : `nothing in ${cases} cases`,
  }
}

const changed = (fields: Fields, change: (value: unknown) => unknown): Fields =>
  Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, change(value)]))
