import type { Control, Row } from '../row.ts'
import { type Facts, readFacts } from '../supply-chain/facts.ts'
import { runtimePackages, supplyChainFaults } from '../supply-chain/faults.ts'

type Tampering = { broken: string; tamper: (facts: Facts) => Facts }

const tamperings: readonly [Tampering, ...Tampering[]] = [
  {
    broken: 'a dependency more, without a reason',
    tamper: (facts) => ({ ...facts, dependencies: { ...facts.dependencies, yaml: '2.9.1' } }),
  },
  {
    broken: 'a lock with an address',
    tamper: (facts) => lockedAs(facts, 'uuid', { resolved: 'https://packages.example/uuid.tgz' }),
  },
  {
    broken: "an install script of a dependency's dependency",
    tamper: (facts) => lockedAs(facts, '@middy/util', { hasInstallScript: true }),
  },
  {
    broken: 'a bundle with a package that is for development',
    tamper: (facts) => ({
      ...facts,
      bundled: [...facts.bundled, { name: 'axios', version: '1.21.1', license: 'MIT' }],
    }),
  },
  {
    broken: 'a bill of materials with another version than the one that ships',
    tamper: (facts) => {
      const bill = facts.bills[0].replace(/("name": "uuid",\s+"version": ")[^"]+/, '$10.0.1')
      return { ...facts, bills: [bill, bill] }
    },
  },
]

export default {
  number: 12,
  name: 'supply-chain',
  measure:
    'package.json, the lock, the bundles and the bill of materials (CycloneDX), each against the others',
  goal: 'few runtime dependencies, each with its reason; no install scripts; a bill of materials that is right; a lock without addresses',
  limitSeconds: { quick: 60, long: 60 },
  async run({ scratchDir }) {
    const facts = await readFacts(scratchDir)
    const failures = supplyChainFaults(facts)
    const runtime = runtimePackages(facts)
    const [first, ...others] = tamperings
    return {
      figure: `${failures.length} faults; ${Object.keys(facts.dependencies).length} runtime dependencies, ${runtime.size} with theirs`,
      reached: failures.length === 0,
      controls: [controlOf(first, facts), ...others.map((other) => controlOf(other, facts))],
      failures,
      details: { 'packages that ship': facts.bundled.map(({ name }) => name).join(', ') },
    }
  },
} satisfies Row

function controlOf({ broken, tamper }: Tampering, facts: Facts): Control {
  const before = new Set(supplyChainFaults(facts))
  const faults = supplyChainFaults(tamper(facts)).filter((fault) => !before.has(fault))
  return { broken, caught: faults.length > 0, figure: faults[0] ?? 'nothing noticed' }
}

function lockedAs(facts: Facts, name: string, changed: object): Facts {
  const place = `node_modules/${name}`
  return { ...facts, lock: { ...facts.lock, [place]: { ...facts.lock[place], ...changed } } }
}
