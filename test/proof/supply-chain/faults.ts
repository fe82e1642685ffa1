import type { Facts, Locked } from './facts.ts'

type Component = {
  group?: string
  name: string
  version: string
  licenses?: { license?: { id?: string } }[]
}
type Bill = { bomFormat: string; serialNumber?: string; components: Component[] }

const PLACE = 'node_modules/'
const EXACT = /^\d+\.\d+\.\d+$/
/** Of a machine, a moment or a registry. */
const OF_ONE_MACHINE = /"(timestamp|serialNumber|resolved)"|\/(home|root|Users|work|tmp)\/|registry/

/** What is wrong with what ships, in one line each. */
export function supplyChainFaults(facts: Facts): string[] {
  return [
    ...reasonFaults(facts),
    ...lockFaults(facts),
    ...bundleFaults(facts),
    ...billFaults(facts),
  ]
}

/** The runtime dependencies and theirs, as the lock has them. */
export function runtimePackages({ dependencies, lock }: Facts): Map<string, Locked> {
  const found = new Map<string, Locked>()
  const queue = Object.keys(dependencies)
  for (const name of queue) {
    const locked = lock[PLACE + name]
    if (!locked || found.has(name)) continue
    found.set(name, locked)
    queue.push(...Object.keys(locked.dependencies ?? {}))
  }
  return found
}

function reasonFaults({ dependencies, decisions }: Facts): string[] {
  const headings = [...decisions.matchAll(/^\*\*\d{4}-\d\d-\d\d · (.*?)\*\*/gm)].map(
    ([, heading = '']) => heading,
  )
  return Object.entries(dependencies).flatMap(([name, version]) => [
    ...(headings.some((heading) => heading.includes(`\`${name}\``))
      ? []
      : [`${name} has no decision of its own`]),
    ...(EXACT.test(version) ? [] : [`${name} has a range for a version`]),
  ])
}

function lockFaults(facts: Facts): string[] {
  const addresses = Object.entries(facts.lock).flatMap(([place, { resolved = '' }]) =>
    resolved.includes(':') ? [`the lock has an address for ${place}`] : [],
  )
  const loose = [...runtimePackages(facts)].flatMap(([name, locked]) => [
    ...(locked.integrity ? [] : [`the lock has no hash of ${name}`]),
    ...(locked.hasInstallScript ? [`${name} runs a script when it is installed`] : []),
  ])
  return [...addresses, ...loose]
}

function bundleFaults(facts: Facts): string[] {
  const runtime = runtimePackages(facts)
  const strangers = facts.bundled
    .filter(({ name }) => !runtime.has(name))
    .map(({ name }) => `${name} ships and is no runtime dependency`)
  const unused = Object.keys(facts.dependencies)
    .filter((name) => !facts.bundled.some((bundled) => bundled.name === name))
    .map((name) => `${name} is a runtime dependency and does not ship`)
  const others = facts.bundled
    .filter(({ name, version }) => runtime.has(name) && runtime.get(name)?.version !== version)
    .map(({ name }) => `${name} ships in another version than the lock's`)
  return [...strangers, ...unused, ...others]
}

function billFaults(facts: Facts): string[] {
  const [bill, again] = facts.bills
  const { bomFormat, components } = JSON.parse(bill) as Bill
  const listed = new Map(
    components.map((one) => [one.group ? `${one.group}/${one.name}` : one.name, one]),
  )
  const missing = facts.bundled
    .filter(({ name, version, license }) => {
      const found = listed.get(name)
      const licences = found?.licenses?.map((one) => one.license?.id)
      return found?.version !== version || !licences?.includes(license)
    })
    .map(({ name }) => `the bill of materials has ${name} otherwise than it ships, or not at all`)
  const runtime = runtimePackages(facts)
  const strangers = [...listed.keys()]
    .filter((name) => !runtime.has(name))
    .map((name) => `the bill of materials has ${name}, which is no runtime dependency`)
  return [
    ...(bomFormat === 'CycloneDX' ? [] : ['the bill of materials is not CycloneDX']),
    ...missing,
    ...strangers,
    ...(bill === again ? [] : ['the bill of materials differs from one time to the next']),
    ...(OF_ONE_MACHINE.test(bill) ? ['the bill of materials is of one machine or moment'] : []),
  ]
}
