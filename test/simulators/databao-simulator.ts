import { randomInt, randomUUID } from 'node:crypto'

import type { LoopbackRequest } from './loopback-server.ts'
import { isForm, jsonReply, readForm, startProviderSimulator } from './provider-simulator.ts'
import type { Outcome, ProviderOptions, ProviderSimulator } from './provider-simulator.ts'
import { answerOf, scenarioFor, scenarioNamed } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'

const PATH = '/communication/personal/1886'
const FIELDS = ['name', 'idcard', 'acct_no']
const SEQUENCE_SPACE = 36 ** 6

type Call = LoopbackRequest & {
  authorization: string
  appCode: string
  form: Map<string, string> | undefined
}

/** What the gateway, then the seller, checks: the first that holds is answered. */
const refusals: [scenario: string, holds: (call: Call) => boolean][] = [
  ['gateway-i404nf', ({ path }) => path !== PATH],
  ['gateway-i405um', ({ method }) => method !== 'POST'],
  ['gateway-a400ma', ({ authorization }) => authorization === ''],
  ['gateway-a401ac', ({ authorization }) => !/^APPCODE [^ ]+$/.test(authorization)],
  ['gateway-a400ac', ({ authorization, appCode }) => authorization !== `APPCODE ${appCode}`],
  ['databao-10001', ({ query }) => query !== ''],
  ['databao-10001', ({ form }) => form?.size !== FIELDS.length],
  ['databao-10001', ({ form }) => !FIELDS.every((field) => form?.get(field))],
]

let sequence = randomInt(SEQUENCE_SPACE)

function nextSeqNo() {
  sequence = (sequence + 1) % SEQUENCE_SPACE
  const serial = sequence.toString(36).toUpperCase().padStart(6, '0')
  return `4X${serial}${Math.floor(Date.now() / 1000)}`
}

function outcome(scenario: Scenario, cardNumber?: string): Outcome {
  const { status, headers, body } = answerOf('databao', scenario)
  const reply = jsonReply(
    {
      status,
      headers: { ...headers, 'X-Ca-Request-Id': randomUUID().toUpperCase() },
      body: typeof body === 'object' ? { ...body, seqNo: nextSeqNo() } : body,
    },
    'application/json; charset=utf-8',
  )
  return { scenario, cardNumber, reply }
}

function answer(request: LoopbackRequest, appCode: string): Outcome {
  const { headers, body } = request
  const form = isForm(headers['content-type']) ? readForm(body) : undefined
  const cardNumber = form?.get('acct_no')
  const call = { ...request, appCode, form, authorization: headers.authorization ?? '' }
  const refusal = refusals.find(([, holds]) => holds(call))
  return outcome(
    refusal ? scenarioNamed(refusal[0]) : scenarioFor('databao', cardNumber ?? ''),
    cardNumber,
  )
}

/** Databao's three-element check behind the Aliyun market's gateway. */
export const startDatabaoSimulator = ({
  appCode,
  ...options
}: ProviderOptions & { appCode: string }): Promise<ProviderSimulator> =>
  startProviderSimulator(
    options,
    (request) => answer(request, appCode),
    () => outcome(scenarioNamed('match')),
  )
