import type { Artifact, FunctionName } from '../../bundle/artifact.ts'
import { Draw } from '../hostile-input/draw.ts'
import type { Breakage } from '../broken-copy.ts'
import type { Control } from '../row.ts'
import { brokenFunction } from './broken-function.ts'
import { Canaries } from './canaries.ts'
import { scannerFor } from './canary-round.ts'
import { type MemberName, openCanaryStage, type Texts } from './canary-stage.ts'
import { ask } from './journeys.ts'

const PEOPLE = 10

type Leaky = {
  what: string
  fn: FunctionName
  member: MemberName
  breakages: readonly Breakage[]
  where: keyof Texts
}

const leaky: readonly [Leaky, ...Leaky[]] = [
  {
    what: 'a body that is logged',
    fn: 'verifyThreeElement',
    member: 'three',
    breakages: [
      {
        file: 'lib/http/json-body.ts',
        from: 'const bytes = bytesOf(request)',
        to: "const bytes = bytesOf(request); process.stderr.write(bytes.toString('base64'))",
      },
    ],
    where: 'output',
  },
  {
    what: 'a name that is stored with the verdict',
    fn: 'verifyTwoElement',
    member: 'encrypted',
    breakages: [
      {
        file: 'lib/verification/verification.ts',
        from: 'card: { ...issuerOf(person.cardNumber) }',
        to: 'card: { ...issuerOf(person.cardNumber), bank: person.name }',
      },
    ],
    where: 'table',
  },
  {
    what: 'a subject that is a digest without a key',
    fn: 'verifyTwoElement',
    member: 'plain',
    breakages: [
      {
        file: 'lib/ledger/fingerprint.ts',
        from: 'import { createHmac }',
        to: 'import { createHash, createHmac }',
      },
      {
        file: 'lib/ledger/fingerprint.ts',
        from: "return hmac.digest('base64url')",
        to: "return (label === 'subject' ? createHash('sha256').update(fields.join()) : hmac).digest('base64url')",
      },
    ],
    where: 'table',
  },
  {
    what: 'an openid that is logged',
    fn: 'verifyTwoElement',
    member: 'encrypted',
    breakages: [
      {
        file: 'lib/providers/juhe/juhe-cipher.ts',
        from: 'return (plaintext) => {',
        to: 'process.stdout.write(encodeURIComponent(openId)); return (plaintext) => {',
      },
    ],
    where: 'output',
  },
]

/** Builds of the functions that leak, and whether the scan of some people sees it. */
export async function leakyFunctions(
  artifact: Artifact,
  scratchDir: string,
  seed: number,
): Promise<[Control, ...Control[]]> {
  const [first, ...others] = leaky
  const controls: [Control, ...Control[]] = [await controlOf(first, artifact, scratchDir, seed)]
  for (const other of others) controls.push(await controlOf(other, artifact, scratchDir, seed))
  return controls
}

async function controlOf(
  { what, fn, member, breakages, where }: Leaky,
  artifact: Artifact,
  scratchDir: string,
  seed: number,
): Promise<Control> {
  const broken = await brokenFunction(artifact.fn(fn), scratchDir, breakages)
  const canaries = new Canaries(new Draw(seed))
  const people = Array.from({ length: PEOPLE }, () => canaries.person())
  const stage = await openCanaryStage(artifact, (honest) => (honest.name === fn ? broken : honest))
  for (const person of people) await ask(stage, person, member)
  const texts = await stage.close()
  const found = scannerFor(people).scan(texts[where])
  return {
    broken: what,
    caught: found.length > 0,
    figure: `${found.length} leaks in the ${where} of ${PEOPLE} people`,
  }
}
