import { problemCatalog, type Language } from '../../lib/errors/problem-catalog.ts'
import { scenarioCard, type Scenario } from '../simulators/scenarios.ts'
import { table } from './documents.ts'
import type { AskedScenario, Outcome, Provider } from './scenario-outcomes.ts'

const words = {
  en: {
    card: 'card number',
    three: 'three-element (Databao)',
    two: 'two-element (Juhe)',
    answer: 'answer',
    billable: 'billable',
    retry: 'retry',
    yes: 'yes',
    no: 'no',
    problem: ['code', 'status', 'retryable', 'Retry-After', 'meaning'],
    midnight: 'to midnight, Asia/Shanghai',
  },
  zh: {
    card: '卡号',
    three: '三要素（Databao）',
    two: '二要素（Juhe）',
    answer: '应答',
    billable: '是否计费',
    retry: '可重试',
    yes: '是',
    no: '否',
    problem: ['代码', '状态码', '可重试', 'Retry-After', '含义'],
    midnight: '到北京时间零点',
  },
}

/** The first card numbers to try: what each provider says of them. */
export function verdictTable(asked: readonly AskedScenario[], language: Language): string {
  const { card, three, two } = words[language]
  const rows = [1, 2, 3, 4].map((number) => {
    const said = (provider: Provider) => {
      const found = asked.find((one) => one.scenario.number === number && one.provider === provider)
      return code(found?.outcome.answer ?? '')
    }
    return [code(scenarioCard(number)), said('databao'), said('juhe')]
  })
  return table([card, three, two], rows)
}

/** Every scenario, in one row for each answer that a caller can get. */
export function scenarioTable(asked: readonly AskedScenario[], language: Language): string {
  const { answer, billable, retry, three, two } = words[language]
  const rows = [...Map.groupBy(asked, ({ outcome }) => keyOf(outcome))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  return table(
    [answer, billable, retry, three, two],
    rows.map(([, same]) => {
      const [{ outcome } = { outcome: { answer: '', billable: '', retryable: undefined } }] = same
      return [
        code(outcome.answer),
        outcome.billable,
        yesNo(outcome.retryable, language),
        listOf(same, 'databao'),
        listOf(same, 'juhe'),
      ]
    }),
  )
}

export function problemTable(language: Language): string {
  const { problem, midnight } = words[language]
  const rows = Object.entries(problemCatalog).map(([name, row]) => {
    const wait = 'retryAfter' in row ? row.retryAfter : undefined
    return [
      `[\`${name}\`](docs/errors.md#${name})`,
      String(row.status),
      yesNo(row.retryable, language),
      wait === 'midnight' ? midnight : wait === undefined ? '–' : `${wait} s`,
      row.title[language],
    ]
  })
  return table(
    problem,
    rows.toSorted((a, b) => Number(a[1]) - Number(b[1])),
  )
}

function keyOf({ answer, billable, retryable }: Outcome): string {
  return [answer, billable, retryable].join(' ')
}

function listOf(asked: readonly AskedScenario[], provider: Provider): string {
  const labels = asked
    .filter((one) => one.provider === provider)
    .map(({ scenario }) => labelOf(scenario, provider))
  return labels.join(', ') || '–'
}

/** The number that a card carries, and a name where the number is no code that speaks for itself. */
function labelOf({ number, name }: Scenario, provider: Provider): string {
  const short = name.replace(`${provider}-`, '').replace(/^gateway-(legacy-)?/, '')
  if (short === String(number) || short === `old-${number}`) return String(number)
  return /^[a-z][0-9]{3}[a-z]{2}$/.test(short)
    ? `${number} ${short.toUpperCase()}`
    : `${number} ${short}`
}

function yesNo(value: boolean | undefined, language: Language): string {
  return value === undefined ? '–' : words[language][value ? 'yes' : 'no']
}

function code(text: string): string {
  return `\`${text}\``
}
