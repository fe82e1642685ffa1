import {
  type LoopbackRequest,
  type Reply,
  sendReply,
  startLoopbackServer,
} from '../../simulators/loopback-server.ts'

type Echo = (heard: {
  body: string
  authorization: string
  credential: string
  fields: string[]
}) => Partial<Reply>

const json = (body: object) => ({ body: Buffer.from(JSON.stringify(body)) })

/** Ways in which a provider may say again what it was sent. */
const echoes: readonly Echo[] = [
  ({ credential }) => json({ code: '10000', message: '', data: { state: '1' }, seqNo: credential }),
  ({ credential }) => ({
    status: 403,
    headers: { 'X-Ca-Error-Code': 'A403AC', 'X-Ca-Request-Id': credential },
  }),
  ({ fields }) => json({ error_code: 0, reason: '', result: { res: 1, jobid: fields[2] } }),
  ({ fields }) =>
    json({ code: '10000', message: fields.join(), data: { state: '1' }, seqNo: fields.at(-1) }),
  ({ fields }) =>
    json({ code: '10000', message: '', data: { state: '1' }, seqNo: `4X-${fields.at(-1)}` }),
  ({ fields, body }) =>
    json({
      error_code: 0,
      reason: body,
      result: { res: 1, jobid: fields[0], realname: fields[1] },
    }),
  ({ fields, body }) =>
    json({ error_code: 218_805, reason: body, result: { jobid: fields.at(-1) } }),
  ({ body, fields }) =>
    json({ code: body, error_code: body, resultcode: body, message: fields, seqNo: body }),
  ({ body }) => json({ [body]: body }),
  ({ body, authorization }) => ({
    status: 403,
    headers: { 'X-Ca-Error-Message': `Invalid AppCode ${authorization} ${body}` },
  }),
  ({ body }) => ({
    status: 400,
    headers: { 'X-Ca-Error-Code': 'I400IH', 'X-Ca-Request-Id': body.slice(-60) },
  }),
  ({ body }) => ({ status: 302, headers: { Location: `/redirected?${body}` } }),
  ({ body, authorization }) => ({
    status: 500,
    body: Buffer.from(`<html>${authorization}\n${decodeURIComponent(body)}</html>`),
  }),
  ({ body }) => ({ body: Buffer.from(body) }),
]

/** A provider that gives back what it hears, one way after the other. */
export async function startEchoingProvider() {
  let calls = 0
  return startLoopbackServer({}, ({ body, headers }: LoopbackRequest, { response }) => {
    const text = body.toString()
    const { authorization = '' } = headers
    const echo = echoes[calls++ % echoes.length]!
    const reply = echo({
      body: text,
      authorization,
      credential: authorization.replace('APPCODE ', ''),
      fields: [...new URLSearchParams(text).values()],
    })
    sendReply(response, { status: 200, headers: {}, body: Buffer.alloc(0), ...reply })
  })
}
