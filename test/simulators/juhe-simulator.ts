import { createDecipheriv, createHash, randomInt } from 'node:crypto'

import type { LoopbackRequest } from './loopback-server.ts'
import { isForm, jsonReply, readForm, startProviderSimulator } from './provider-simulator.ts'
import type { Outcome, ProviderOptions, ProviderSimulator } from './provider-simulator.ts'
import { answerOf, scenarioFor, scenarioNamed } from './scenarios.ts'
import type { Answer, Scenario } from './scenarios.ts'

const PLAIN_PATH = '/verifybankcard/query'
const ENCRYPTED_PATH = '/verifybankcard/queryEncry'
const CONTENT_TYPE = 'application/json;charset=utf-8'
const JOB_SPACE = 10 ** 6

type Credentials = { key: string; openId: string }

type Call = {
  credentials: Credentials
  fields: Map<string, string>
  encrypted: boolean
  cardNumber: string | undefined
  realName: string | undefined
}

const isCardNumber = (text = '') => /^\d{12,19}$/.test(text)

/** What Juhe checks: the first that holds is answered. */
const refusals: [scenario: string, holds: (call: Call) => boolean][] = [
  ['juhe-10001', ({ fields, credentials }) => fields.get('key') !== credentials.key],
  ['juhe-218808', ({ fields }) => !fields.get('bankcard') || !fields.get('realname')],
  [
    'juhe-10004',
    ({ encrypted, cardNumber, realName }) => encrypted && !(isCardNumber(cardNumber) && realName),
  ],
  ['juhe-218804', ({ cardNumber }) => !isCardNumber(cardNumber)],
]

/** Undoes AES-128-ECB and one base64; undefined for whatever was not made so with this openid. */
function decrypt(openId: string, text = ''): string | undefined {
  const ciphertext = Buffer.from(text, 'base64')
  if (ciphertext.toString('base64') !== text) return undefined
  const key = createHash('md5').update(openId).digest('hex').slice(0, 16)
  try {
    const decipher = createDecipheriv('aes-128-ecb', key, null)
    const clear = Buffer.concat([decipher.update(ciphertext), decipher.final()])
    return new TextDecoder('utf-8', { fatal: true }).decode(clear)
  } catch {
    return undefined
  }
}

let job = randomInt(JOB_SPACE)

function nextJobId() {
  job = (job + 1) % JOB_SPACE
  const clock = new Date().toISOString().replaceAll(/\D/g, '').slice(2, 14)
  return `JH1881${clock}${String(job).padStart(6, '0')}DG`
}

/** The result as this call asked for it; the verdict alone where there was no call to ask. */
function complete(result: { res: unknown }, call?: Call) {
  if (call === undefined) return result
  const { fields, encrypted, cardNumber = '', realName } = call
  return {
    ...(!encrypted && { realname: realName, bankcard: `${cardNumber.slice(0, 6)}*****` }),
    ...result,
    ...(fields.get('jobid') === '1' && { jobid: nextJobId() }),
    ...(fields.get('message') === '1' && {
      message: String(result.res) === '1' ? '认证信息匹配' : '认证信息不匹配',
    }),
  }
}

function outcome(scenario: Scenario, call?: Call): Outcome {
  const answer = answerOf('juhe', scenario)
  const { body } = answer
  const completed: Answer['body'] =
    typeof body === 'object' && isResult(body.result)
      ? { ...body, result: complete(body.result, call) }
      : body
  return {
    scenario,
    cardNumber: call?.cardNumber,
    reply: jsonReply({ ...answer, body: completed }, CONTENT_TYPE),
  }
}

const isResult = (value: unknown): value is { res: unknown } =>
  typeof value === 'object' && value !== null

function notFound(): Outcome {
  const reply = { status: 404, headers: {}, body: '<html><body>404 Not Found</body></html>' }
  return { scenario: { name: 'not-found' }, reply: jsonReply(reply, 'text/html') }
}

function readFields({ method, query, headers, body }: LoopbackRequest) {
  const form = isForm(headers['content-type']) ? body : ''
  return readForm(method === 'GET' ? query : form) ?? new Map<string, string>()
}

function answer(request: LoopbackRequest, credentials: Credentials): Outcome {
  const { method, path } = request
  const encrypted = path === ENCRYPTED_PATH
  if (!(encrypted || path === PLAIN_PATH) || !['GET', 'POST'].includes(method)) return notFound()
  const fields = readFields(request)
  const read = (field: string) =>
    encrypted ? decrypt(credentials.openId, fields.get(field)) : fields.get(field)
  const call: Call = {
    credentials,
    fields,
    encrypted,
    cardNumber: read('bankcard'),
    realName: read('realname'),
  }
  const refusal = refusals.find(([, holds]) => holds(call))
  return outcome(
    refusal ? scenarioNamed(refusal[0]) : scenarioFor('juhe', call.cardNumber ?? ''),
    call,
  )
}

/** Juhe's two-element check, both channels. */
export const startJuheSimulator = ({
  key,
  openId,
  ...options
}: ProviderOptions & Credentials): Promise<ProviderSimulator> =>
  startProviderSimulator(
    options,
    (request) => answer(request, { key, openId }),
    () => outcome(scenarioNamed('match')),
  )
