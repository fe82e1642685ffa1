import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { expectedAnswer } from '../../scripts/demo/answer.ts'
import { demoCases } from '../../scripts/demo/cases.ts'
import { part, partAgainst, read, ROOT, rowsOf } from './documents.ts'
import { problemTable, scenarioTable, verdictTable } from './readme-tables.ts'
import { askEveryScenario, type AskedScenario } from './scenario-outcomes.ts'

const readmes = [
  ['README.md', 'en'],
  ['README.zh-CN.md', 'zh'],
] as const
const documents = [
  ...readmes.map(([file]) => file),
  'docs/cli.md',
  'docs/cost.md',
  'docs/decisions.md',
  'docs/deploy.md',
  'docs/errors.md',
  'docs/ledger.md',
  'docs/performance.md',
  'docs/proof.md',
  'docs/reference.md',
  'docs/runbook.md',
  'docs/security.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'client/README.md',
  'SECURITY.md',
]

let asked: AskedScenario[]

beforeAll(async () => {
  asked = await askEveryScenario()
})

describe.each(readmes)('%s', (file, language) => {
  it('tells what the simulators answer', () => {
    const verdicts = verdictTable(asked, language)
    const scenarios = scenarioTable(asked, language)
    expect(partAgainst(file, 'verdicts', verdicts)).toBe(verdicts)
    expect(partAgainst(file, 'scenarios', scenarios)).toBe(scenarios)
  })

  it('lists every problem code', () => {
    const problems = problemTable(language)
    expect(partAgainst(file, 'errors', problems)).toBe(problems)
  })

  it('lists every setting of serverless.yml with its default', () => {
    const text = read('serverless.yml')
    const { params, provider, custom, functions } = parse(text, { logLevel: 'silent', merge: true })
    const environment = Object.assign(
      {},
      provider.environment,
      custom.verificationEnvironment,
      ...Object.values(functions).map((fn) => (fn as { environment?: object }).environment),
    )
    const settings = Object.entries(environment).map(([name, value]) => {
      const param = /^\$\{param:(.*)\}$/.exec(String(value))?.[1]
      if (param === undefined) return [name, '–', '–']
      return [name, `\`${param}\``, `\`${params.default[param]}\``]
    })
    const listed = rowsOf(part(file, 'settings')).map(([name = '', param, fallback]) => [
      name.replaceAll('`', ''),
      param,
      fallback,
    ])
    const byName = ([a = '']: (string | undefined)[], [b = '']: (string | undefined)[]) =>
      a < b ? -1 : 1
    expect(listed.toSorted(byName)).toEqual(settings.toSorted(byName))
  })

  it('shows lines that the demo prints', () => {
    const shown = part(file, 'demo')
      .split('\n')
      .filter((line) => line.startsWith('✔'))
      // Without the card and the time that it took.
      .map((line) => line.slice(2).split(/ {2,}/).toSpliced(1, 1).slice(0, 5).join(' '))
    const printed = demoCases.map(({ event, expected }) => {
      const { status, answer, billable, retry } = expectedAnswer(expected)
      return [event, status, answer, billable, retry].join(' ')
    })
    expect(shown.length).toBeGreaterThan(5)
    expect(printed).toEqual(expect.arrayContaining(shown))
    expect(part(file, 'demo')).toContain(`All ${demoCases.length} answers`)
  })
})

describe('the two READMEs', () => {
  const [english, chinese] = readmes.map(([file]) => read(file))

  it.each([
    ['headings', /^#+ /gm],
    ['tables', /^\| ---/gm],
    ['table rows', /^\|/gm],
    ['list items', /^(?:- |[0-9]+\. )/gm],
  ])('have the same number of %s', (_, pattern) => {
    expect(chinese?.match(pattern)?.length).toBe(english?.match(pattern)?.length)
  })

  it('have the same code blocks', () => {
    const blocks = (text = '') =>
      [...text.matchAll(/^ *```([a-z]*)\n(.*?)^ *```$/gms)].map(([, language, code = '']) => [
        language,
        // Comments are translated.
        code.replaceAll(/^ *#.*$/gm, '#'),
      ])
    expect(blocks(chinese)).toEqual(blocks(english))
    expect(blocks(english).length).toBeGreaterThan(5)
  })
})

describe.each(documents)('%s', (file) => {
  const text = read(file)

  it('has JSON that parses', () => {
    for (const [, json = ''] of text.matchAll(/^```json\n(.*?)^```$/gms)) {
      expect(() => JSON.parse(json)).not.toThrow()
    }
  })

  it('links to files that are there, and to headings in them', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    const broken = links.filter((link) => !/^https?:/.test(link) && !leadsSomewhere(file, link))
    expect(broken).toEqual([])
  })

  it('names only scripts, events and parameters that exist', () => {
    const { scripts } = JSON.parse(read('package.json'))
    const parameters = [...read('serverless.yml').matchAll(/\$\{param:(\w+)/g)].map(
      ([, name]) => name,
    )
    const named = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named(/npm run ([a-z:-]+)/g)))
    expect(parameters).toEqual(expect.arrayContaining(named(/--param=["']?(\w+)/g)))
    const events = named(/(events\/[a-z0-9.-]+\.json)/g)
    expect(events.filter((event) => !existsSync(path.join(ROOT, event)))).toEqual([])
  })

  it('names no card of a real issuer', () => {
    for (const [digits] of text.matchAll(/(?<![\d.-])\d{16,19}(?![\d.-])/g)) {
      expect(digits).toMatch(/^(?:629999|110101190001010)/)
    }
  })
})

function leadsSomewhere(file: string, link: string): boolean {
  const [target = '', anchor] = link.split('#')
  const linked = target === '' ? file : path.join(path.dirname(file), target)
  if (!existsSync(path.join(ROOT, linked))) return false
  return anchor === undefined || anchorsOf(linked).includes(anchor)
}

function anchorsOf(file: string): string[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8')
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
