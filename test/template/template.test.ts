import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { drawDashboard } from '../../scripts/dashboard/draw-dashboard.mjs'
import { alarming } from '../../scripts/dashboard/sample-data.mjs'
import { brokenCopies } from './broken-copies.ts'
import { packageVariant, type Template, type Variant, variants } from './packaged-template.ts'
import { anchorsOf, type CheckName, checks, ofType } from './template-checks.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const variantNames = Object.keys(variants) as Variant[]
const checkNames = Object.keys(checks) as CheckName[]

let templates: Record<Variant, Template>
let runbook: string

beforeAll(async () => {
  const packaged = await Promise.all(
    variantNames.map(async (name) => [name, await packageVariant(name)] as const),
  )
  templates = Object.fromEntries(packaged) as Record<Variant, Template>
  runbook = await readFile(path.join(ROOT, 'docs/runbook.md'), 'utf8')
}, 60_000)

describe.each(variantNames)('the template of the %s deployment', (variant) => {
  it.each(checkNames)('%s', (name) => {
    expect(checks[name](templates[variant], variants[variant], runbook)).toEqual([])
  })
})

describe('a broken template', () => {
  it.each(brokenCopies)('%s finds %s', (name, _, breakIt, variant = 'plain') => {
    const copy = structuredClone(templates[variant])
    const properties = Object.fromEntries(
      Object.entries(copy.Resources).map(([id, { Properties: own }]) => [id, own]),
    )
    breakIt(properties, copy)
    expect(copy).not.toEqual(templates[variant])
    expect(checks[name](copy, variants[variant], runbook)).not.toEqual([])
  })

  it('is found by every check', () => {
    expect(new Set(brokenCopies.map(([name]) => name))).toEqual(new Set(checkNames))
  })
})

describe('the settings', () => {
  it('are all that the code reads', async () => {
    const sources = await Promise.all(
      ['lib', 'handlers'].map(async (folder) => {
        const files = await readdir(path.join(ROOT, folder), { recursive: true })
        const code = files.filter((file) => file.endsWith('.ts'))
        return Promise.all(code.map((file) => readFile(path.join(ROOT, folder, file), 'utf8')))
      }),
    )
    const read = [
      ...sources
        .flat()
        .join('\n')
        .matchAll(/(?:env\.\w+|calls|secretOf)\(\s*'([A-Z_]+)'/g),
    ].map(([, name]) => name)
    // Lambda sets these, or nobody does.
    const fromAws = [
      'AWS_ACCESS_KEY_ID',
      'AWS_ENDPOINT_URL',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'DYNAMODB',
      'SECRETS_MANAGER',
    ]
    const declared = ofType(templates.plain, 'AWS::Lambda::Function').flatMap(
      ([, { Environment }]) => Object.keys(Environment.Variables),
    )
    // No deployment sets it: it is for tests and private networks, at the operator's own risk.
    expect(new Set(read)).toEqual(new Set([...declared, ...fromAws, 'ALLOW_PLAINTEXT_PROVIDERS']))
  })
})

describe('docs/runbook.md', () => {
  it('has a section for every alarm, and points at sections that exist', () => {
    const anchors = anchorsOf(runbook)
    const links = [...runbook.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor]) => anchor)
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter((anchor) => !anchors.includes(String(anchor)))).toEqual([])
  })
})

describe('docs/images/dashboard.svg', () => {
  it('shows the dashboard of the template: npm run dashboard', async () => {
    const picture = await readFile(path.join(ROOT, 'docs/images/dashboard.svg'), 'utf8')
    expect(drawDashboard(templates.plain, { alarming }) === picture).toBe(true)
  })

  it('changes with the dashboard', () => {
    const copy = structuredClone(templates.plain)
    const body = copy.Resources['Dashboard']?.Properties['DashboardBody']
    body['Fn::Sub'] = body['Fn::Sub'].replace('Billed calls an hour', 'Bills')
    expect(drawDashboard(copy)).not.toBe(drawDashboard(templates.plain))
  })

  it('cannot be drawn of a metric without sample data', () => {
    const copy = structuredClone(templates.plain)
    const body = copy.Resources['Dashboard']?.Properties['DashboardBody']
    body['Fn::Sub'] = body['Fn::Sub'].replace('BilledCalls', 'Bills')
    expect(() => drawDashboard(copy)).toThrow('No sample data for metric Bills of databao')
  })
})
