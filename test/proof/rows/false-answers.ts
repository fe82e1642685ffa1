import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../../docs/documents.ts'
import { type Breakage, brokenCopy } from '../broken-copy.ts'
import { type Damaged, damagedAnswer } from '../false-answers/damaged-answers.ts'
import type { Answer, Provider } from '../false-answers/plain-reading.ts'
import { randomOf } from '../random.ts'
import type { Control, Row } from '../row.ts'

const ANSWERS = { quick: 10_000, long: 200_000 }
const CONTROL_ANSWERS = 10_000
const SHOWN_BYTES = 300

type Recognise = (answer: Answer) => { verdict?: string }
type Readers = Record<Provider, Recognise>

const brokenReaders: readonly (Breakage & { broken: string })[] = [
  {
    broken: 'believes the last of two equal keys',
    file: 'lib/providers/read-answer.ts',
    from: 'countMembers(value) === countColons(text)',
    to: 'true',
  },
  {
    broken: 'takes whatever begins with a code for that code',
    file: 'lib/providers/read-answer.ts',
    from: "if (typeof value === 'string') return value",
    to: "if (typeof value === 'string') return String(parseInt(value))",
  },
  {
    broken: 'does not look at the HTTP status',
    file: 'lib/providers/juhe/juhe-wire.ts',
    from: 'answer.status === 200 ?',
    to: 'answer.status > 0 ?',
  },
]

export default {
  number: 2,
  name: 'false-answers',
  measure:
    'damaged provider answers (bits, bytes, truncation, types, number forms, doubled keys, nesting, encodings, status and headers) read by lib/providers, against a second reader',
  goal: 'of 200,000, 0 `match` or `mismatch` that the original did not say',
  limitSeconds: { quick: 60, long: 300 },
  async run({ quick, seed, scratchDir }) {
    const count = ANSWERS[quick ? 'quick' : 'long']
    const { failures, kept, unread, setAside } = judge(await readersOf(ROOT), seed, count)
    const controls: Control[] = []
    for (const { broken, ...breakage } of brokenReaders) {
      const readers = await readersOf(await brokenCopy(scratchDir, [breakage]))
      const found = judge(readers, seed, CONTROL_ANSWERS).failures.length
      controls.push({ broken, caught: found > 0, figure: `${found} false answers` })
    }
    const [first, ...others] = controls
    if (!first) throw new Error('a row without a control')
    return {
      figure: `${failures.length} false answers of ${count}`,
      reached: failures.length === 0,
      controls: [first, ...others],
      failures,
      details: {
        'damaged answers': count,
        'of these still read as what they say': kept,
        'of these read as no verdict': unread,
        'set aside, for they had become another plain answer': setAside,
      },
    }
  },
} satisfies Row

async function readersOf(rootDir: string): Promise<Readers> {
  const load = (file: string) =>
    import(pathToFileURL(path.join(rootDir, 'lib/providers', file)).href)
  const [{ recogniseDatabao }, { recogniseJuhe }] = await Promise.all([
    load('databao/databao-wire.ts'),
    load('juhe/juhe-wire.ts'),
  ])
  return { databao: recogniseDatabao, juhe: recogniseJuhe }
}

function judge(readers: Readers, seed: number, count: number) {
  const random = randomOf(seed, 'false answers')
  const failures: string[] = []
  let [kept, setAside, judged] = [0, 0, 0]
  while (judged < count) {
    const damaged = damagedAnswer(random)
    if (!damaged) {
      setAside++
      continue
    }
    judged++
    const read = readBy(readers, damaged)
    if (read === damaged.says) kept += read === undefined ? 0 : 1
    else if (read !== undefined) failures.push(`${damaged.origin}: ${read}: ${shown(damaged)}`)
  }
  return { failures, kept, unread: count - kept - failures.length, setAside }
}

/** A verdict, or none; a reader that throws has neither. */
function readBy(readers: Readers, { provider, answer }: Damaged): string | undefined {
  try {
    const { verdict } = readers[provider](answer)
    return verdict === 'match' || verdict === 'mismatch' ? verdict : undefined
  } catch (error) {
    return `threw ${String(error)}`
  }
}

function shown({ answer: { status, headers, body } }: Damaged): string {
  const text = JSON.stringify(body.subarray(0, SHOWN_BYTES).toString('latin1'))
  return `HTTP ${status} ${JSON.stringify(headers)} ${text}`
}
