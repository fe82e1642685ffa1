import { text } from 'node:stream/consumers'
import { paint, tableLine, widthsOf } from './demo/table.ts'
import {
  exitCodes,
  readArguments,
  runCommand,
  stageAndRegion,
  stageOptions,
  textOption,
  wrongUse,
} from './ops/command-line.ts'
import { smokeChecks } from './smoke/checks.ts'
import { bearer, sender, signature } from './smoke/signed-fetch.ts'

const ADVICE =
  'This takes --url, --stage, --region and --jwt only; a token comes on standard input, never as' +
  ' an argument.'
/** The local API looks at no signature; a real one is not shown to plain http. */
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' }

await runCommand(async () => {
  const { values } = readArguments(
    process.argv.slice(2),
    { ...stageOptions, url: { type: 'string' }, jwt: { type: 'boolean' } },
    { mostPositionals: 0, advice: ADVICE },
  )
  const url = urlOf(textOption(values, 'url'))
  const isLocal = url.protocol === 'http:'
  const where = isLocal ? undefined : stageAndRegion(values)
  const authorize =
    values['jwt'] === true
      ? bearer(await readToken())
      : signature(where?.region ?? 'local', isLocal ? async () => LOCAL_CREDENTIALS : undefined)

  const stage = where ? `stage ${where.stage} in ${where.region}` : 'this machine'
  console.log(`\nsmoke test of ${url.origin}${url.pathname}, ${stage}\n`)
  const checks = await smokeChecks(sender(url, authorize))
  const widths = widthsOf(checks.map(({ name }) => [name]))
  for (const { name, fact, fault } of checks) {
    const [mark, style] = fault === undefined ? ['✔', 'green' as const] : ['✘', 'red' as const]
    console.log(`${paint(style, mark)} ${tableLine([name, fact], widths)}`)
    if (fault !== undefined) console.log(paint('red', `    ${fault}`))
  }
  const failed = checks.filter(({ fault }) => fault !== undefined).length
  console.log(
    failed === 0
      ? paint('green', `\nAll ${checks.length} checks passed.\n`)
      : paint('red', `\n${failed} of ${checks.length} checks failed.\n`),
  )
  return failed === 0 ? 0 : exitCodes.failed
})

function urlOf(given: string | undefined): URL {
  const url = given === undefined ? null : URL.parse(given)
  if (!url) throw wrongUse('Give the address, the output ApiUrl of the stack, as --url https://….')
  if (url.username || url.password || url.search || url.hash) {
    throw wrongUse('--url must be an address without credentials, query or fragment.')
  }
  const isLoopback = /^(localhost|\[::1\]|127(\.\d+){3})$/.test(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw wrongUse('--url must be https; plain http only on this machine.')
  }
  return url
}

async function readToken(): Promise<string> {
  const token = process.stdin.isTTY ? '' : (await text(process.stdin)).trim()
  if (/^[!-~]+$/.test(token)) return token
  throw wrongUse('Give the token on standard input.')
}
