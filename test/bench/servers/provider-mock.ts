import { buffer } from 'node:stream/consumers'
import { optionsOfMock, serveCommands, startCountingServer, type Tls } from './mock-protocol.ts'

/**
 * Databao and Juhe, as quick as can be: a match for everybody who asks properly. A request that is
 * not proper gets a 400, which counts as refused. (The simulators of `test/simulators` tell the
 * scenarios apart; here they would only add their own time.)
 */
const { tls, appCode, key }: { tls: Tls; appCode: string; key: string } = optionsOfMock()

const isDatabao = (form: URLSearchParams, authorization?: string) =>
  authorization === `APPCODE ${appCode}` &&
  ['name', 'idcard', 'acct_no'].every((field) => form.get(field))
const isJuhe = (form: URLSearchParams) =>
  form.get('key') === key && ['realname', 'bankcard'].every((field) => form.get(field))

const databaoMatch = {
  code: '10000',
  message: '成功',
  data: { state: '1' },
  seqNo: '4XU29Z4D1704061618',
}
const juheMatch = {
  reason: '成功',
  result: { jobid: '2026112203350000001', res: 1, message: '认证信息匹配' },
  error_code: 0,
}

const { url, commands } = await startCountingServer(tls, async (request, response) => {
  const form = new URLSearchParams((await buffer(request)).toString())
  const answer =
    request.url === '/communication/personal/1886'
      ? isDatabao(form, request.headers.authorization) && databaoMatch
      : request.url === '/verifybankcard/queryEncry' && isJuhe(form) && juheMatch
  const body = Buffer.from(JSON.stringify(answer || {}))
  response.writeHead(answer ? 200 : 400, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  })
  response.end(body)
})

serveCommands(url, commands)
