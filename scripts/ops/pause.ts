import { pauseProvider, providerDayKey } from '../../lib/ledger/guard.ts'
import { nextShanghaiMidnight } from '../../lib/verification/shanghai-day.ts'
import { textOption, wrongUse } from './command-line.ts'
import { type Command, providerOf } from './command.ts'
import { shanghaiTime } from './shanghai-time.ts'

const DAY_SECONDS = 86_400
const MOST_SECONDS = 30 * DAY_SECONDS
/**
 * The contract lets a paused provider answer with the code that paused it, and knows two. Of these
 * this one blames nobody's credentials; it is a 503, with `Retry-After`.
 */
const PAUSED_AS = 'provider_quota_exhausted'

export const pause: Command = {
  usage: 'pause <provider> [--seconds N]',
  does: 'kill switch: nothing more is sent to a provider, for a day unless told otherwise',
  options: { seconds: { type: 'string' } },
  positionals: 1,
  async run({ values, positionals, open }) {
    const provider = providerOf(positionals)
    const seconds = Number(textOption(values, 'seconds') ?? DAY_SECONDS)
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > MOST_SECONDS) {
      throw wrongUse(`--seconds must be a whole number from 1 to ${MOST_SECONDS}.`)
    }
    const { name, table } = await open()
    const now = Date.now()
    await pauseProvider(table, provider, PAUSED_AS, seconds, now)
    const until = shanghaiTime(now + seconds * 1000)
    return {
      text: [
        `${provider} is paused until ${until} (${name}).`,
        `Callers get ${PAUSED_AS} with Retry-After, and nothing is sent; calls under way go on.`,
      ].join('\n'),
      data: { provider, pausedUntil: until, pausedAs: PAUSED_AS },
    }
  },
}

export const lift: Command = {
  usage: 'lift <provider>',
  does: "ends a pause, an operator's or the service's own",
  options: {},
  positionals: 1,
  async run({ positionals, open }) {
    const provider = providerOf(positionals)
    const { name, table } = await open()
    const now = Date.now()
    const item = await table.get(providerDayKey(provider, now))
    const until = Number(item?.['pausedUntil'] ?? 0)
    if (until <= now) {
      return {
        text: `${provider} was not paused (${name}).`,
        data: { provider, lifted: false },
      }
    }
    // A pause past midnight stands on the counters of all its days.
    for (let day = now; day < until; day = nextShanghaiMidnight(day)) {
      await table.update(providerDayKey(provider, day), {
        update: 'REMOVE pausedUntil, pausedAs',
        condition: 'attribute_exists(pausedUntil)',
      })
    }
    const pausedAs = String(item?.['pausedAs'])
    return {
      text: [
        `The pause of ${provider} is lifted (${name}).`,
        `It was paused as ${pausedAs} until ${shanghaiTime(until)}.`,
      ].join('\n'),
      data: { provider, lifted: true, pausedUntil: shanghaiTime(until), pausedAs },
    }
  },
}
