import { readFileSync } from 'node:fs'
import { actualAnswer, type Answer, expectedAnswer } from './demo/answer.ts'
import { ALWAYS_WARNED, type DemoCase, demoCases } from './demo/cases.ts'
import { eventPath, invokeLocal } from './demo/invoke-local.ts'
import { paint, tableLine, widthsOf } from './demo/table.ts'

// As many as the smallest machine that this runs on has cores.
const AT_ONCE = 2
const HEADINGS = ['event', 'card', 'HTTP', 'answer', 'billable', 'retry', '   ms']
const MS_WIDTH = 5
const NO_ANSWER = {
  status: '-',
  answer: 'no answer',
  billable: '-',
  retry: '-',
  title: '',
  findings: [],
}
const PROVIDERS: Partial<Record<DemoCase['fn'], string>> = {
  verifyThreeElement: 'Databao',
  verifyTwoElement: 'Juhe',
}

const started = performance.now()
const widths = widthsOf([
  HEADINGS,
  ...demoCases.map((demoCase) => cellsOf(demoCase, expectedAnswer(demoCase.expected), '')),
])

console.log(`\nsls invoke local: ${demoCases.length} events, simulated providers, no AWS\n`)
console.log(`  ${tableLine(HEADINGS, widths)}`)

let unexpected = 0
let section = ''
for await (const outcome of inOrder(demoCases, run)) print(outcome)

const seconds = Math.round((performance.now() - started) / 1000)
console.log(
  '\nEach run is a fresh ledger. No bank has the prefix 629999 of these cards, so every verdict\n' +
    `also carries the warning "${ALWAYS_WARNED}".`,
)
console.log(
  unexpected === 0
    ? paint('green', `\nAll ${demoCases.length} answers are the expected ones (${seconds} s).\n`)
    : paint('red', `\n${unexpected} of ${demoCases.length} answers are not the expected ones.\n`),
)
process.exitCode = unexpected === 0 ? 0 : 1

async function run(demoCase: DemoCase) {
  return { demoCase, invoked: await invokeLocal(demoCase) }
}

function print({ demoCase, invoked }: Awaited<ReturnType<typeof run>>) {
  const expected = expectedAnswer(demoCase.expected)
  const answer = 'body' in invoked ? actualAnswer(invoked) : undefined
  const ms = 'body' in invoked ? String(invoked.functionMs ?? '-') : '-'
  const isExpected = JSON.stringify(answer) === JSON.stringify(expected)
  const mark = isExpected ? paint('green', '✔') : paint('red', '✘')

  if (section !== sectionOf(demoCase)) {
    section = sectionOf(demoCase)
    console.log(paint('bold', `\n${section}`))
  }
  console.log(`${mark} ${tableLine(cellsOf(demoCase, answer, ms), widths)}`)
  const notes = [...settingsOf(demoCase), ...detailsOf(answer)]
  if (notes.length > 0) console.log(paint('dim', `    ${notes.join(', ')}`))
  if (isExpected) return

  unexpected += 1
  const [, , ...cells] = cellsOf(demoCase, expected, '')
  console.log(paint('red', `  ${tableLine(['expected:', '', ...cells], widths)}`))
  console.log(paint('red', `    ${detailsOf(expected).join(', ')}`))
  if ('output' in invoked) console.log(invoked.output.replaceAll(/^/gm, '    '))
}

function sectionOf({ fn, channel }: DemoCase): string {
  const asked = [PROVIDERS[fn], channel].filter(Boolean).join(', ')
  return asked ? `${fn} (${asked})` : fn
}

function cellsOf(demoCase: DemoCase, answer: Answer | undefined, ms: string): string[] {
  const { status, answer: said, billable, retry } = answer ?? NO_ANSWER
  const { fn, event } = demoCase
  const card = last4(eventPath(fn, event))
  return [event, card, status, said, billable, retry, ms.padStart(MS_WIDTH)]
}

function settingsOf({ settings = {} }: DemoCase): string[] {
  return Object.entries(settings).map(([name, value]) => `with ${name}=${value}`)
}

function detailsOf(answer: Answer | undefined): string[] {
  const { title, findings } = answer ?? NO_ANSWER
  return [title, ...findings].filter((detail) => detail && detail !== ALWAYS_WARNED)
}

/** Of the card in an event, all that is ever shown. */
function last4(file: string): string {
  const { body, isBase64Encoded } = JSON.parse(readFileSync(file, 'utf8'))
  const text = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8').toString()
  const [, cardNumber = ''] = /"cardNumber":"([^"]*)"/.exec(text) ?? []
  return cardNumber.replaceAll(/\D/g, '').slice(-4) || '-'
}

/** Runs a few at a time; the results come in the order of the items, each as soon as it can. */
async function* inOrder<Item, Result>(
  items: readonly Item[],
  job: (item: Item) => Promise<Result>,
) {
  const slots = items.map((item) => ({ item, ...Promise.withResolvers<Result>() }))
  const queue = slots.values()
  const lane = async () => {
    for (const { item, resolve, reject } of queue) await job(item).then(resolve, reject)
  }
  for (let lanes = 0; lanes < AT_ONCE; lanes += 1) void lane()
  for (const { promise } of slots) yield await promise
}
